fn main() {
    let n = |i: usize, d: u64| std::env::args().nth(i).and_then(|a| a.parse().ok()).unwrap_or(d);
    let (seed, orders, parts, bad) = (n(1, 1), n(2, 20) as u32, n(3, 1) as u16, n(4, 0));
    let faults = if bad == 1 { simulator::Faults::bad(seed) } else { simulator::Faults::none() };
    let keep = n(5, 0) == 1;
    let t = std::time::Instant::now();
    let o = simulator::simulate(simulator::Setup { seed, orders, parts, faults, keep }).unwrap();
    for l in &o.history { println!("{l}"); }
    println!("{:#?} {:?} turns {} simulated {} crashes {} marks {:?}", o.failures, t.elapsed(), o.turns, o.simulated_s, o.crashes, o.marks);
}

# What every mapping may use besides jq itself. Each of these names the member it could not read.

def member_path: reduce .[] as $step (""; . + if $step | isnumber then "[\($step)]" else ".\($step)" end);

# The value at a path, which must be there and not null.
def need(f): first(path_value(f)) as [$path, $value]
  | if $value == null then error("\($path | member_path) is missing") else $value end;

# Runs g on the value at a path; an error of g names the path.
def at(f; g): first(path_value(f)) as [$path, $value]
  | if $value == null then error("\($path | member_path) is missing") end
  | $value | try g catch error("\($path | member_path): \(.)");

# An id of the canonical contract, as text.
def id(f): at(f; id);

# An amount in whole minor units.
def minor(f; $currency): at(f; minor($currency));

# Each item of the list at a path (none where the list is missing or null) through g; an error of g names
# the item.
def each(f; g): first(path_value(f)) as [$path, $list]
  | if $list == null then [] elif $list | isarray then
      [range($list | length) as $n | $list[$n]
        | try g catch error("\($path | member_path)[\($n)]\(if startswith(".") then . else ": " + . end)")]
    else error("\($path | member_path) is not a list") end;

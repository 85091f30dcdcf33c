//! One suite, run against every backend; none is skipped. A further backend adds one line at the end of this
//! file and one arm to [`place::Place`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod books;
mod cases;
mod commits;
mod history;
mod inbox;
mod leases;
mod mail;
#[allow(dead_code)]
mod make;
mod outbox;
mod place;
mod random;
mod readers;

macro_rules! suite {
    ($backend:ident: $($area:ident { $($test:ident),+ $(,)? })+) => {
        mod $backend {
            $( mod $area { $(
                #[test]
                fn $test() {
                    crate::$area::$test(&crate::place::Place::$backend());
                }
            )+ } )+
        }
    };
}

macro_rules! every_test_on {
    ($($backend:ident),+) => { $( suite! { $backend:
        leases {
            a_new_partition_begins_at_epoch_one,
            a_lease_keeps_other_nodes_out_until_it_ends,
            an_owner_may_claim_again_after_a_restart,
            a_lease_is_renewed_and_released_by_its_owner_only,
            an_owner_that_was_paused_writes_nothing,
        }
        commits {
            a_batch_comes_back_as_written,
            a_moved_head_fences,
            a_clash_names_its_cases_and_the_rest_of_the_group_goes_through,
            a_batch_that_fails_late_leaves_nothing_and_takes_no_other_with_it,
            batches_of_one_partition_follow_each_other_in_a_group,
            a_malformed_batch_is_refused_alone,
            a_big_batch_commits_whole,
            an_empty_group_has_no_answers,
            the_hash_of_the_head_is_that_of_the_journal,
        }
        cases {
            a_case_is_found_by_each_of_its_names,
            the_name_a_case_opened_under_wins,
            a_second_case_under_a_name_clashes,
            tenants_and_partitions_do_not_see_each_other,
            a_document_is_written_once_and_stays,
            marks_beyond_those_loaded_are_asked_for,
            a_mark_that_exists_clashes,
            rows_are_put_replaced_and_deleted,
            the_turns_of_a_case_hang_together,
            every_name_of_a_case_leads_a_search_to_it,
            any_text_may_stand_anywhere,
        }
        inbox {
            messages_not_decided_wait_for_the_next_owner,
            a_message_changes_its_state_and_keeps_its_bytes,
            timers_wait_for_the_next_owner,
        }
        outbox {
            commands_are_put_moved_and_deleted,
            a_change_of_a_settled_command_does_nothing,
            every_state_survives,
        }
        mail {
            mail_crosses_four_partitions_and_is_deleted_by_its_mark,
            a_mark_never_goes_back,
        }
        books {
            balances_add_up_over_batches,
            a_balance_beyond_its_bound_is_refused,
            one_exception_per_fact_is_open,
            counts_say_what_there_is,
        }
        readers {
            readers_see_whole_batches_while_the_writer_writes,
            a_frozen_reader_sees_one_moment,
            scans_go_on_where_they_stopped,
            everything_survives_a_restart,
        }
        history {
            a_big_history_is_written_recovered_and_read,
        }
    } )+ };
}

every_test_on!(sqlite, postgres, memory);

#include "lifecycle/limits.hpp"
#include "protocol/msgpack/codec.hpp"
#include "test/protocol/sample_messages.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

namespace {

using namespace pawl;
using namespace pawl::protocol;

template <class Message>
Message valid() {
  for (auto& sample : test::sample_maker{5}.one_of_each())
    if (auto* found = std::get_if<Message>(&sample))
      return *found;
  BOOST_FAIL("no sample of the kind");
  return {};
}

// A valid message is refused with the code once `damage` has changed it.
template <class Message, class Damage>
void refuses(Damage damage, errc code = errc::invalid_argument) {
  auto sample = valid<Message>();
  BOOST_REQUIRE(check(sample));
  damage(sample);
  auto judged = check(sample);
  BOOST_REQUIRE(!judged);
  BOOST_TEST(to_string(judged.error().code) == to_string(code));
}

template <class Message, class Change>
void accepts(Change change) {
  auto sample = valid<Message>();
  change(sample);
  auto judged = check(sample);
  BOOST_TEST(judged.has_value(), (judged ? std::string{} : judged.error().message));
}

} // namespace

BOOST_AUTO_TEST_SUITE(judging)

BOOST_AUTO_TEST_CASE(a_change_of_variables_has_names_that_may_be_set_and_bounded_values) {
  refuses<configure_request>([](auto& m) { m.app.clear(); });
  refuses<configure_request>([](auto& m) { m.request_id.clear(); });
  refuses<configure_request>([](auto& m) { m.set.front().name = "PORT"; });
  refuses<configure_request>([](auto& m) { m.set.clear(), m.unset.clear(); });
  refuses<configure_request>([](auto& m) { m.unset = {"a b"}; });
  refuses<configure_request>([](auto& m) { m.restore = 1; });
  refuses<configure_request>(
      [](auto& m) { m.set.front().value = secret{std::string(limits::variable_bytes + 1, 'x')}; },
      errc::too_large);
  accepts<configure_request>([](auto& m) { m.unset.clear(); });
  refuses<variables_request>([](auto& m) { m.app = "/"; });
  refuses<configs_request>([](auto& m) { m.cluster = "/"; });
}

BOOST_AUTO_TEST_CASE(a_deploy_request_needs_names_an_id_and_a_digest) {
  refuses<deploy_request>([](auto& m) { m.app = "Shop"; });
  refuses<deploy_request>([](auto& m) { m.app.clear(); });
  refuses<deploy_request>([](auto& m) { m.cluster = "a/b"; });
  refuses<deploy_request>([](auto& m) { m.request_id = "two words"; });
  refuses<deploy_request>([](auto& m) { m.request_id = "pawl:watch:0123456789abcdef"; });
  refuses<deploy_request>([](auto& m) { m.request_id.clear(); });
  refuses<deploy_request>([](auto& m) { m.source.digest = "sha256:12"; });
  refuses<deploy_request>([](auto& m) { m.source.digest[20] = 'G'; });
  refuses<deploy_request>([](auto& m) { m.source.digest.replace(0, 6, "md5sum"); });
  accepts<deploy_request>([](auto& m) { m.cluster.clear(); });
  accepts<deploy_request>([](auto& m) { m.git.reset(); });
}

BOOST_AUTO_TEST_CASE(a_deploy_request_has_bounded_texts) {
  constexpr auto code = errc::too_large;
  refuses<deploy_request>([](auto& m) { m.message.assign(limits::message_bytes + 1, 'x'); }, code);
  accepts<deploy_request>([](auto& m) { m.message.assign(limits::message_bytes, 'x'); });
  refuses<deploy_request>([](auto& m) { m.source.files = limits::source_entries + 1; }, code);
  for (auto field : {&git_facts::sha, &git_facts::branch, &git_facts::message, &git_facts::author,
                     &git_facts::author_email, &git_facts::repository}) {
    refuses<deploy_request>(
        [&](auto& m) { ((*m.git).*field).assign(limits::git_field_bytes + 1, 'x'); }, code);
  }
}

BOOST_AUTO_TEST_CASE(a_chunk_is_not_empty_not_too_long_and_ends_within_64_bits) {
  refuses<upload_chunk>([](auto& m) { m.bytes.clear(); });
  refuses<upload_chunk>([](auto& m) { m.bytes.resize(limits::chunk_bytes + 1); }, errc::too_large);
  accepts<upload_chunk>([](auto& m) { m.bytes.resize(limits::chunk_bytes); });
  refuses<upload_chunk>([](auto& m) { m.offset = std::numeric_limits<std::uint64_t>::max(); });
  refuses<upload_chunk>([](auto& m) { m.deployment = "UP"; });
}

BOOST_AUTO_TEST_CASE(credits_are_within_the_window) {
  refuses<follow_request>([](auto& m) { m.credit = limits::event_credit + 1; }, errc::too_large);
  accepts<follow_request>([](auto& m) { m.credit = limits::event_credit; });
  refuses<follow_request>([](auto& m) { m.from = 0; });
  refuses<follow_request>([](auto& m) { m.deployment.clear(); });
  refuses<follow_credit>([](auto& m) { m.events = limits::event_credit + 1; }, errc::too_large);
}

BOOST_AUTO_TEST_CASE(a_cancel_names_a_deployment_or_a_lane) {
  refuses<cancel_request>([](auto& m) { m.deployment = "not an id"; });
  refuses<cancel_request>([](auto& m) {
    m.deployment.reset();
    m.app.clear();
  });
  accepts<cancel_request>([](auto& m) { m.app.clear(); });
}

BOOST_AUTO_TEST_CASE(rollbacks_and_promotions_need_a_lane_and_a_request_id) {
  refuses<rollback_request>([](auto& m) { m.app.clear(); });
  refuses<rollback_request>([](auto& m) { m.request_id.clear(); });
  accepts<rollback_request>([](auto& m) { m.version.reset(); });
  refuses<promote_request>([](auto& m) { m.version.value = 0; });
  refuses<promote_request>([](auto& m) { m.cluster.clear(); });
  refuses<promote_request>([](auto& m) { m.message.assign(limits::message_bytes + 1, 'x'); },
                           errc::too_large);
}

BOOST_AUTO_TEST_CASE(a_destruction_needs_an_app) {
  refuses<destroy_request>([](auto& m) { m.app.clear(); });
  refuses<destroy_request>([](auto& m) { m.cluster = "Not a name"; });
  accepts<destroy_request>([](auto& m) { m.cluster.clear(); });
}

BOOST_AUTO_TEST_CASE(a_history_page_has_one_to_a_thousand_records) {
  refuses<history_request>([](auto& m) { m.limit = 0; });
  refuses<history_request>([](auto& m) { m.limit = limits::history_page_max + 1; });
  accepts<history_request>([](auto& m) { m.limit = limits::history_page_max; });
  refuses<history_request>([](auto& m) { m.commit = "main"; });
  refuses<history_request>([](auto& m) { m.commit = ""; });
  refuses<history_request>([](auto& m) { m.cursor = std::string(limits::cursor_bytes + 1, 'x'); },
                           errc::too_large);
  refuses<history_request>([](auto& m) { m.app = "-"; });
}

BOOST_AUTO_TEST_CASE(optional_names_are_judged_when_they_are_there) {
  refuses<status_request>([](auto& m) { m.app = ""; });
  refuses<status_request>([](auto& m) { m.cluster = "A"; });
  accepts<status_request>([](auto& m) { m = {}; });
  refuses<versions_request>([](auto& m) { m.app = "a b"; });
  refuses<show_request>([](auto& m) { m.deployment = "ilou"; });
}

BOOST_AUTO_TEST_CASE(a_hello_is_short) {
  refuses<hello>([](auto& m) { m.program.assign(limits::program_bytes + 1, 'x'); },
                 errc::too_large);
  refuses<hello>([](auto& m) { m.token = secret{std::string(limits::token_bytes + 1, 'x')}; },
                 errc::too_large);
}

BOOST_AUTO_TEST_CASE(answers_are_bounded_in_number_and_length) {
  constexpr auto code = errc::too_large;
  refuses<history_list>([](auto& m) { m.deployments.resize(limits::history_page_max + 1); }, code);
  refuses<events>([](auto& m) { m.list.resize(limits::event_credit + 1); }, code);
  refuses<events>(
      [](auto& m) {
        m.list[0].body = log_event{"build", "stdout", std::string(9 * limits::kib, 'x')};
      },
      code);
  refuses<shown>([](auto& m) { m.deployment.transitions.resize(limits::record_members + 1); },
                 code);
  refuses<lane_list>([](auto& m) { m.lanes[0].queued[0].urls.resize(1000); }, code);
  refuses<lane_list>([](auto& m) { m.lanes[0].active->urls.resize(1000); }, code);
}

// They stand in commands that a person may copy, and a server may be anybody's.
BOOST_AUTO_TEST_CASE(names_and_ids_in_answers_are_words) {
  for (const std::string_view bad :
       {"\x1b[2J", "a b", "$(reboot)", "a;b", "a\nb", "../a", "\xff"}) {
    const auto in_record = [bad](deployment& d) { d.id = bad; };
    refuses<shown>([&](auto& m) { in_record(m.deployment); });
    refuses<accepted>([&](auto& m) { in_record(m.deployment); });
    refuses<followed>([&](auto& m) { m.deployment.app = bad; });
    refuses<shown>([&](auto& m) { m.deployment.cluster = bad; });
    refuses<shown>([&](auto& m) { m.deployment.replaces = bad; });
    refuses<history_list>([&](auto& m) { in_record(m.deployments[0]); });
    refuses<history_list>([&](auto& m) { m.next_cursor = bad == "../a" ? "\r" : bad; });
    refuses<lane_list>([&](auto& m) { m.lanes[0].app = bad; });
    refuses<lane_list>([&](auto& m) { in_record(m.lanes[0].queued[0]); });
    refuses<version_list>([&](auto& m) { m.versions[0].deployment = bad; });
    refuses<version_list>([&](auto& m) { m.versions[0].live_in = {std::string{bad}}; });
    refuses<app_list>([&](auto& m) { m.apps[0].clusters = {std::string{bad}}; });
    refuses<cluster_list>([&](auto& m) { m.clusters[0].name = bad; });
    refuses<planned>([&](auto& m) { m.deployment = bad; });
    refuses<destroyed>([&](auto& m) { m.app = bad; });
    refuses<events>([&](auto& m) { m.deployment = bad; });
    refuses<token_created>([&](auto& m) { m.server->address = bad; });
    refuses<token_created>([&](auto& m) { m.server->address += bad; });
    refuses<token_created>([&](auto& m) { m.server->fingerprint = bad; });
  }
  accepts<token_created>([](auto& m) { m.server.reset(); });
  accepts<version_list>([](auto& m) { m.next_cursor = "shop/local/0123456789abcdefg"; });
  accepts<shown>([](auto& m) { m.deployment.replaces.reset(); });
}

BOOST_AUTO_TEST_CASE(logs_are_asked_for_and_given_within_bounds) {
  constexpr auto code = errc::too_large;
  refuses<logs_request>([](auto& m) { m.app = "Shop"; });
  refuses<logs_request>([](auto& m) { m.lines = limits::log_lines_max + 1; }, code);
  refuses<logs_request>([](auto& m) { m.credit = limits::event_credit + 1; }, code);
  refuses<logs_request>([](auto& m) { m.places.resize(limits::log_places + 1); }, code);
  refuses<logs_request>([](auto& m) { m.places[0].instance.assign(65, 'x'); }, code);
  accepts<logs_request>([](auto& m) { m.places.resize(limits::log_places); });
  accepts<logs_request>([](auto& m) { m.lines = 0; });
  accepts<logs_request>([](auto& m) { m.app = m.cluster = ""; });
  refuses<logs_request>([](auto& m) { m.deployment = "no id"; });
  refuses<logs_request>([](auto& m) { m.app = m.deployment = ""; });
  refuses<log_lines>([](auto& m) { m.lines.resize(limits::log_page_lines + 1); }, code);
  refuses<log_lines>([](auto& m) { m.lines[0].assign(limits::log_line_bytes + 1, 'x'); }, code);
  refuses<log_lines>([](auto& m) { m.times.resize(limits::log_page_lines + 1); }, code);
  accepts<log_lines>([](auto& m) { m.lines.clear(); });
}

BOOST_AUTO_TEST_CASE(a_freeze_has_a_reason_and_so_has_overriding_one) {
  refuses<freeze_request>([](auto& m) { m.reason.clear(); });
  refuses<freeze_request>([](auto& m) { m.reason = " \n"; });
  refuses<freeze_request>([](auto& m) { m.reason.assign(limits::reason_bytes + 1, 'x'); },
                          errc::too_large);
  refuses<freeze_request>([](auto& m) { m.app = "Shop"; });
  refuses<freeze_request>([](auto& m) { m.cluster = "a/b"; });
  accepts<freeze_request>([](auto& m) {
    m.app.reset();
    m.cluster.reset();
    m.until.reset();
  });
  refuses<unfreeze_request>([](auto& m) { m.app = "Shop"; });
  refuses<unfreeze_request>([](auto& m) { m.cluster = ""; });
  refuses<deploy_request>([](auto& m) { m.override_freeze = ""; });
  refuses<deploy_request>(
      [](auto& m) { m.override_freeze = std::string(limits::reason_bytes + 1, 'x'); },
      errc::too_large);
  refuses<promote_request>([](auto& m) { m.override_freeze = "  "; });
  accepts<promote_request>([](auto& m) { m.override_freeze.reset(); });
}

BOOST_AUTO_TEST_CASE(a_page_of_the_audit_journal_is_bounded) {
  refuses<audit_request>([](auto& m) { m.limit = 0; });
  refuses<audit_request>([](auto& m) { m.limit = limits::history_page_max + 1; });
  refuses<audit_request>([](auto& m) { m.app = "Shop"; });
  for (auto text : {&audit_request::by, &audit_request::action})
    refuses<audit_request>(
        [&](auto& m) { m.*text = std::string(limits::audit_name_bytes + 1, 'x'); },
        errc::too_large);
  refuses<audit_request>([](auto& m) { m.cursor = std::string(limits::cursor_bytes + 1, 'x'); },
                         errc::too_large);
  refuses<audit_list>([](auto& m) { m.records.resize(limits::history_page_max + 1); },
                      errc::too_large);
}

BOOST_AUTO_TEST_CASE(a_token_has_a_name_a_grant_and_an_end_that_can_be) {
  refuses<token_create_request>([](auto& m) { m.name = "No Name"; });
  refuses<token_create_request>([](auto& m) { m.grant.apps = {"Shop"}; });
  refuses<token_create_request>([](auto& m) { m.grant.clusters = {"a", "a"}; });
  refuses<token_create_request>(
      [](auto& m) { m.grant.apps.assign(limits::granted_names + 1, "shop"); });
  refuses<token_create_request>([](auto& m) { m.never_expires = true; });
  refuses<token_create_request>([](auto& m) { m.expires_in = std::chrono::seconds{59}; });
  refuses<token_create_request>([](auto& m) { m.expires_in = limits::token_expiry_most * 2; });
  accepts<token_create_request>([](auto& m) { m.expires_in.reset(); });
  accepts<token_create_request>([](auto& m) {
    m.expires_in.reset();
    m.never_expires = true;
  });
  refuses<token_revoke_request>([](auto& m) { m.name.clear(); });
  refuses<token_list_request>(
      [](auto& m) { m.cursor = std::string(limits::cursor_bytes + 1, 'x'); }, errc::too_large);
}

BOOST_AUTO_TEST_CASE(a_scale_request_names_processes_and_counts_within_the_limit) {
  refuses<scale_request>([](auto& m) { m.counts.clear(); });
  refuses<scale_request>([](auto& m) { m.app = "Shop"; });
  refuses<scale_request>([](auto& m) { m.counts.front().instances = 10'000; });
  refuses<scale_request>(
      [](auto& m) {
        m.counts.assign(limits::processes + 2, {"worker", 1});
      },
      errc::too_large);
  refuses<scale_request>(
      [](auto& m) { m.counts.front().process = std::string(limits::process_name_bytes + 1, 'w'); },
      errc::too_large);
  accepts<scale_request>([](auto& m) { m.counts.front().instances = 0; });
  refuses<restart_request>([](auto& m) { m.request_id.clear(); });
  accepts<restart_request>([](auto& m) { m.process.reset(); });
  refuses<process_list>([](auto& m) { m.processes.front().process = "a;b"; });
  for (const auto* bad : {"", "Shop"}) {
    refuses<processes_request>([&](auto& m) { m.app = bad; });
    refuses<stop_request>([&](auto& m) { m.app = bad; });
    refuses<start_request>([&](auto& m) { m.app = bad; });
    refuses<restart_request>([&](auto& m) { m.app = bad; });
  }
}

BOOST_AUTO_TEST_SUITE_END()

// One handler for each message that a client may send. When it is called, the request is granted,
// and names its cluster and its deployment in full. `audit` is the request as the audit journal is
// told of it, if it is one that needs a right.
#include "actors/session/authorization.hpp"
#include "actors/session/config_listing.hpp"
#include "actors/session/listing.hpp"
#include "actors/session/session_core.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

// A cancel answers when the deployment has stopped: at the latest by force, and after its
// instances.
constexpr duration cancel_patience =
    limits::cancelling_deadline + limits::stop_timeout + limits::request_timeout;

class request_handler {
public:
  request_handler(session_core& session, std::uint64_t ref, std::optional<audit_record> audit)
      : session_(session), context_(session.context()), ref_(ref), audit_(std::move(audit)) {}

  void operator()(const protocol::deploy_request& request) const {
    if (!session_.uploads().may_begin(ref_))
      return;
    ask_lane<admitted>({{request.app, request.cluster}},
                       start_deploy{request, context_.who.name, audit_},
                       [&uploads = session_.uploads()](admitted& how) {
                         if (how.uploads)
                           uploads.open(how.deployment.id, how.uploads, how.upload_bytes);
                         return protocol::accepted{how.deployment, how.upload_offset};
                       });
  }

  void operator()(protocol::upload_chunk& chunk) const { session_.uploads().append(ref_, chunk); }

  void operator()(const protocol::follow_request& request) const {
    session_.follows().begin(ref_, request);
  }

  void operator()(const protocol::logs_request& request) const {
    session_.follows().begin(ref_, request);
  }

  void operator()(const protocol::follow_credit& credit) const {
    session_.follows().give_credit(ref_, credit);
  }

  void operator()(const protocol::cancel_request& request) const {
    cancel_deployment what{{}, context_.who.name, audit_};
    lane_key lane;
    if (request.deployment) {
      auto known = listing::show(context_.records(), *request.deployment);
      if (!known)
        return refuse(std::move(known).error());
      what.deployment = known->id;
      lane = lane_of(*known);
      what.audit->app = lane.app;
      what.audit->cluster = lane.cluster;
    } else {
      lane = {request.app, request.cluster};
    }
    ask_lane<deployment>(
        {lane, lane_search::used}, what,
        [](deployment& stopped) { return protocol::shown{std::move(stopped)}; }, cancel_patience);
  }

  void operator()(const protocol::rollback_request& request) const {
    find_lane lane{{request.app, request.cluster}, lane_search::used};
    if (request.plan_only)
      return ask_lane<protocol::planned>(lane, plan_rollback{request.version, request.keep_config},
                                         [](protocol::planned& plan) { return std::move(plan); });
    start(lane, {operation::rollback,
                 request.request_id,
                 request.version,
                 request.message,
                 request.when_busy,
                 context_.who.name,
                 {},
                 audit_,
                 request.keep_config});
  }

  void operator()(const protocol::promote_request& request) const {
    start({{request.app, request.cluster}},
          {operation::promote, request.request_id, request.version, request.message,
           request.when_busy, context_.who.name, request.override_freeze, audit_});
  }

  void operator()(const protocol::destroy_request& request) const {
    ask_lane<protocol::destroyed>(
        {{request.app, request.cluster}, lane_search::used},
        destroy_lane{context_.who.name, audit_},
        [](protocol::destroyed& gone) { return std::move(gone); }, limits::destroy_patience);
  }

  void operator()(const protocol::volume_remove_request& request) const {
    ask_lane<protocol::volume_removed>(
        {{request.app, request.cluster}, lane_search::used},
        remove_volume{request.name, context_.who.name, audit_},
        [](protocol::volume_removed& gone) { return std::move(gone); }, limits::destroy_patience);
  }

  void operator()(const protocol::processes_request& request) const {
    ask_processes(request, describe_processes{});
  }

  void operator()(const protocol::scale_request& request) const {
    ask_processes(request, scale_lane{request.counts, audit_});
  }

  void operator()(const protocol::stop_request& request) const {
    ask_processes(request, stop_lane{audit_}, limits::destroy_patience);
  }

  void operator()(const protocol::start_request& request) const {
    ask_processes(request, start_lane{audit_});
  }

  void operator()(const protocol::restart_request& request) const {
    if (request.process && *request.process != web_process)
      return ask_processes(request, restart_process{*request.process, audit_});
    start({{request.app, request.cluster}, lane_search::used}, {operation::configure,
                                                                request.request_id,
                                                                {},
                                                                request.message,
                                                                request.when_busy,
                                                                context_.who.name,
                                                                {},
                                                                audit_});
  }

  void operator()(const protocol::configure_request& request) const {
    auto told = *audit_;
    told.detail = names_in(request);
    keep_within_limits(told);
    ask_lane<admitted>({{request.app, request.cluster}},
                       configure_lane{request, context_.who.name, std::move(told)},
                       [](admitted& how) { return configured_answer(how); });
  }

  void operator()(const protocol::variables_request& request) const {
    const bool shows_values = context_.who.grant.role >= info(permission::configure).least;
    session_.scan<protocol::variable_list>(
        ref_, request, [handler = *this, shows_values](protocol::variable_list& list) {
          for (auto& one : list.variables)
            if (!shows_values)
              one.value.reset();
          handler.answer(std::move(list));
        });
  }

  void operator()(const protocol::configs_request& request) const {
    scan<protocol::config_list>(request);
  }

  // An app that was never deployed is a slip of the pen: nothing would be frozen.
  void operator()(const protocol::freeze_request& request) const {
    if (!request.app)
      return session_.freezing().set(ref_, request, *audit_);
    session_.scan<std::vector<lane_record>>(
        ref_, scan_lanes{{request.app, {}, {}}, {}},
        [handler = *this, request](const std::vector<lane_record>& known) {
          if (known.empty())
            return handler.context_.refuse_and_tell(handler.ref_, *handler.audit_,
                                                    listing::no_app(*request.app));
          handler.session_.freezing().set(handler.ref_, request, *handler.audit_);
        });
  }

  void operator()(const protocol::unfreeze_request& request) const {
    session_.freezing().lift(ref_, request, *audit_);
  }

  void operator()(const protocol::audit_request& request) const {
    scan<protocol::audit_list>(request);
  }

  void operator()(const protocol::show_request& request) const {
    auto known = listing::show(context_.records(), request.deployment);
    if (!known)
      return refuse(std::move(known).error());
    answer(protocol::shown{std::move(*known)});
  }

  void operator()(const protocol::status_request& request) const {
    auto place = listing::place_of(request);
    if (!place)
      return refuse(std::move(place).error());
    // Whether it may be worked on is judged as it comes: while it is read, others may be answered.
    session_.scan<std::vector<lane_record>>(
        ref_, scan_lanes{request, *place},
        [handler = *this, from = *place, busy = context_.in_work](std::vector<lane_record>& known) {
          if (known.empty())
            return handler.answer(protocol::lane_list{});
          handler.session_.lane_status().answer(handler.ref_, std::move(known), from, busy);
        });
  }

  void operator()(const protocol::history_request& request) const {
    scan<protocol::history_list>(request);
  }

  void operator()(const protocol::versions_request& request) const {
    scan<protocol::version_list>(request);
  }

  void operator()(const protocol::volumes_request& request) const {
    scan<protocol::volume_list>(request);
  }

  void operator()(const protocol::apps_request& request) const {
    scan<protocol::app_list>(request);
  }

  void operator()(const protocol::clusters_request&) const {
    protocol::cluster_list list;
    for (const auto& one : context_.parts->clusters)
      if (covers({role::view, {}, context_.who.grant.clusters}, {}, one.name))
        list.clusters.push_back({one.name, one.engine, one.when_busy});
    answer(std::move(list));
  }

  void operator()(const protocol::whoami_request&) const {
    const auto& who = context_.who;
    answer(protocol::whoami{who.name, who.grant, who.credential, who.expires_at});
  }

  void operator()(const protocol::token_create_request& request) const {
    session_.token_requests().create(ref_, request, *audit_);
  }

  void operator()(const protocol::token_list_request& request) const {
    session_.token_requests().list(ref_, request);
  }

  void operator()(const protocol::token_revoke_request& request) const {
    session_.token_requests().revoke(ref_, request, *audit_);
  }

  void operator()(const protocol::ping&) const { answer(protocol::pong{}); }

  // The connection has noted that the peer lives.
  void operator()(const protocol::pong&) const {}

  void operator()(const protocol::hello&) const {
    session_.end_with({errc::invalid_argument, "hello is sent once, first", {}});
  }

  template <class Unexpected>
  void operator()(const Unexpected& request) const {
    session_.end_with({errc::invalid_argument,
                       fmt::format("a client does not send {}", protocol::kind(request)),
                       {}});
  }

private:
  void answer(protocol::message body) const { context_.answer(ref_, std::move(body)); }
  void refuse(error why) const { context_.refuse(ref_, std::move(why)); }

  template <class Message, class Request>
  void ask_processes(const Message& message, Request request,
                     duration patience = limits::request_timeout) const {
    ask_lane<protocol::process_list>(
        {{message.app, message.cluster}, lane_search::used}, std::move(request),
        [](protocol::process_list& list) { return std::move(list); }, patience);
  }

  template <class Answer, class Request>
  void ask_lane(const find_lane& whom, Request request,
                std::function<protocol::message(Answer&)> on_answer,
                duration patience = limits::request_timeout) const {
    session_.lane_requests().ask<Answer>(ref_, whom, patience, std::move(request),
                                         std::move(on_answer));
  }

  void start(const find_lane& whom, start_release what) const {
    ask_lane<admitted>(whom, std::move(what), [](admitted& how) {
      return protocol::accepted{how.deployment, 0};
    });
  }

  // Answers with the list that is read from the store.
  template <class List, class Request>
  void scan(const Request& request) const {
    session_.scan<List>(ref_, request,
                        [handler = *this](List& list) { handler.answer(std::move(list)); });
  }

  session_core& session_;
  session_context& context_;
  std::uint64_t ref_;
  std::optional<audit_record> audit_;
};

} // namespace

void session_core::handle(protocol::envelope& message) {
  const auto granted = authorize_request(context_, message.body);
  auto audit = audit_of_request(context_, message.body);
  if (granted)
    return std::visit(request_handler{*this, message.ref, std::move(audit)}, message.body);
  if (audit && is_told(context_, message.body, granted.error())) {
    name_lane(context_, message.body, *audit);
    return context_.refuse_and_tell(message.ref, *std::move(audit), granted.error());
  }
  context_.refuse(message.ref, granted.error());
}

} // namespace pawl

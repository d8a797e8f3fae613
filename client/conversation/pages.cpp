#include "client/conversation/pages.hpp"

#include <iterator>

namespace pawl::client {

namespace {

template <class List, class Request, class Member>
result<List> ask_pages(conversation& talk, Request request, std::vector<Member> List::*members) {
  List all;
  do {
    auto answer = talk.ask(request);
    if (!answer)
      return std::move(answer).error();
    auto* page = std::get_if<List>(&*answer);
    if (page == nullptr || (page->next_cursor && (page->*members).empty()))
      return unexpected_answer();
    std::move((page->*members).begin(), (page->*members).end(), std::back_inserter(all.*members));
    request.cursor = page->next_cursor;
  } while (request.cursor);
  return all;
}

} // namespace

// A lane in which very many wait comes in parts, each with some of them.
result<protocol::lane_list> ask_lanes(conversation& talk, protocol::status_request request) {
  auto all = ask_pages(talk, std::move(request), &protocol::lane_list::lanes);
  if (!all)
    return all;
  std::vector<protocol::lane_view> whole;
  for (auto& part : all->lanes) {
    if (whole.empty() || whole.back().app != part.app || whole.back().cluster != part.cluster)
      whole.push_back(std::move(part));
    else
      std::move(part.queued.begin(), part.queued.end(), std::back_inserter(whole.back().queued));
  }
  all->lanes = std::move(whole);
  return all;
}

result<protocol::version_list> ask_versions(conversation& talk,
                                            protocol::versions_request request) {
  return ask_pages(talk, std::move(request), &protocol::version_list::versions);
}

result<protocol::token_list> ask_tokens(conversation& talk) {
  return ask_pages(talk, protocol::token_list_request{}, &protocol::token_list::tokens);
}

} // namespace pawl::client

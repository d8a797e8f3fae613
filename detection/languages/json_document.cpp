#include "detection/languages/json_document.hpp"

#include <nlohmann/json.hpp>

namespace pawl::detection {

namespace {

constexpr int depth_most = 64;

} // namespace

struct json_object::node {
  nlohmann::json value;

  const nlohmann::json* find(std::string_view key) const {
    auto found = value.find(std::string{key});
    return found == value.end() ? nullptr : &*found;
  }
};

// Comments are taken, as tools of Node.js take them in some of their files.
std::optional<json_object> json_object::read(std::string_view text) {
  bool too_deep = false;
  auto within_bounds = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    too_deep = too_deep || depth > depth_most;
    return !too_deep;
  };
  if (text.starts_with("\xef\xbb\xbf"))
    text.remove_prefix(3);
  auto value = nlohmann::json::parse(text, within_bounds, false, true);
  if (too_deep || !value.is_object())
    return std::nullopt;
  return json_object{std::make_shared<node>(node{std::move(value)})};
}

std::string json_object::text(std::string_view key) const {
  const auto* found = held_->find(key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string{};
}

std::map<std::string, std::string> json_object::texts(std::string_view key) const {
  std::map<std::string, std::string> all;
  if (const auto* found = held_->find(key); found != nullptr && found->is_object())
    for (const auto& [name, value] : found->items())
      if (value.is_string())
        all.emplace(name, value.get<std::string>());
  return all;
}

std::vector<std::string> json_object::list(std::string_view key) const {
  std::vector<std::string> all;
  if (const auto* found = held_->find(key); found != nullptr && found->is_array())
    for (const auto& value : *found)
      if (value.is_string())
        all.push_back(value.get<std::string>());
  return all;
}

std::vector<std::string> json_object::keys(std::string_view key) const {
  std::vector<std::string> all;
  if (const auto* found = held_->find(key); found != nullptr && found->is_object())
    for (const auto& each : found->items())
      all.push_back(each.key());
  return all;
}

std::optional<json_object> json_object::object(std::string_view key) const {
  const auto* found = held_->find(key);
  if (found == nullptr || !found->is_object())
    return std::nullopt;
  return json_object{std::make_shared<node>(node{*found})};
}

bool json_object::has(std::string_view key) const {
  return held_->find(key) != nullptr;
}

} // namespace pawl::detection

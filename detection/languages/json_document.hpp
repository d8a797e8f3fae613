// A JSON file of an app (package.json, composer.json), read with bounds.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::detection {

// An object of a document. Every question has an answer, whatever was written: a value of another
// kind is as one that is not there.
class json_object {
public:
  // Nothing if the text is no JSON, no object, or nested deeper than 64 levels.
  static std::optional<json_object> read(std::string_view text);

  std::string text(std::string_view key) const;                         // "" if there is none
  std::map<std::string, std::string> texts(std::string_view key) const; // of an object of texts
  std::vector<std::string> list(std::string_view key) const;            // of an array of texts
  std::vector<std::string> keys(std::string_view key) const;            // of an object
  std::optional<json_object> object(std::string_view key) const;
  bool has(std::string_view key) const;

private:
  struct node;
  explicit json_object(std::shared_ptr<const node> held) : held_(std::move(held)) {}

  std::shared_ptr<const node> held_;
};

} // namespace pawl::detection

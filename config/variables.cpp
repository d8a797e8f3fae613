#include "config/variables.hpp"

#include "lifecycle/variables.hpp"

#include <fmt/format.h>

namespace pawl::config {

void read_variables(table_reader& outer, std::string_view outer_name, std::string_view key,
                    std::map<std::string, std::string>& variables, problem_list& problems) {
  const auto* found = outer.table(key);
  if (found == nullptr)
    return;
  const auto& table = std::get<toml_table>(found->value);
  const auto name = fmt::format("{}.{}", outer_name, key);
  table_reader reader{table, name, problems};
  for (const auto& each : table.entries) {
    if (each.key == "PORT" && name == "run.env")
      reader.object(each.key, "cannot be set: the server chooses the port and gives it to the app");
    else if (!is_variable_name(each.key))
      problems.add(each.line, fmt::format("{}: \"{}\" cannot be the name of a variable: use "
                                          "letters, digits and _, with no digit in front",
                                          name, each.key));
    std::string value;
    reader.text(each.key, value);
    variables.insert_or_assign(each.key, std::move(value));
  }
}

} // namespace pawl::config

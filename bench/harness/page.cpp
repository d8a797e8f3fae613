#include "bench/harness/page.hpp"

#include "bench/harness/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <sstream>

namespace pawl::bench {

namespace {

using nlohmann::json;

std::string number_or_dash(const json& value) {
  return value.is_number() ? figure(value.get<double>()) : "–";
}

std::vector<json> cases_of(const json& run, const std::string& row) {
  std::vector<json> found;
  for (const auto& one : run.at("rows"))
    if (one.at("row") == row)
      found.push_back(one);
  return found;
}

std::string peers_text(const json& one) {
  std::string text;
  for (const auto& [peer, value] : one.at("peers").items()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "<br>", peer, number_or_dash(value));
    if (const auto ratio = one.at("ratios").find(peer); ratio != one.at("ratios").end())
      text += fmt::format(": **{}** ({} to {})", figure(ratio->at("median").get<double>()),
                          figure(ratio->at("min").get<double>()),
                          figure(ratio->at("max").get<double>()));
  }
  return text.empty() ? "–" : text;
}

std::string counts_text(const json& one) {
  std::string text;
  for (const auto& [name, value] : one.at("counts").items())
    text += fmt::format("{}{} {}", text.empty() ? "" : "<br>", name, number_or_dash(value));
  return text.empty() ? "–" : text;
}

std::string text_or_dash(const json& value) {
  return value.is_string() && !value.get<std::string>().empty() ? value.get<std::string>() : "–";
}

std::string row_section(const json& run, const std::string& row,
                        const std::map<std::string, std::string>& explanations) {
  auto text = fmt::format("## {}\n\n", row);
  text +=
      "| case | ours | beside: theirs, and ours ÷ theirs | floor | counts | target | verdict |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  std::string notes;
  bool drawn = false;
  for (const auto& one : cases_of(run, row)) {
    drawn = drawn || one.at("ours").is_number();
    text +=
        fmt::format("| {} | {} {} | {} | {} | {} | {} | {} |\n", one.at("case").get<std::string>(),
                    number_or_dash(one.at("ours")), one.at("unit").get<std::string>(),
                    peers_text(one), number_or_dash(one.at("floor")), counts_text(one),
                    text_or_dash(one.at("target")), one.at("verdict").get<std::string>());
    for (const auto& note : one.value("notes", json::array()))
      notes +=
          fmt::format("- {}: {}\n", one.at("case").get<std::string>(), note.get<std::string>());
  }
  if (!notes.empty())
    text += "\n" + notes;
  if (drawn)
    text += fmt::format("\n![{0}: ours, peers and floor](performance/{0}.svg)\n", row);
  if (const auto found = explanations.find(row); found != explanations.end())
    text += "\n" + found->second;
  const auto repeat = cases_of(run, row).front().at("repeat").get<std::string>();
  return text + fmt::format("\nRepeat: `build/release/bin/{}`\n\n", repeat);
}

std::string fact_text(const json& value) {
  if (value.is_number_float())
    return figure(value.get<double>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// A row for each fact, with a column for each run.
std::string machine_section(const json& machines) {
  std::string head = "| fact |";
  std::string line = "| --- |";
  std::map<std::string, std::string> facts;
  for (const auto& machine : machines) {
    head += machines.size() > 1 ? fmt::format(" `{}` |", machine.at("command").get<std::string>())
                                : " value |";
    line += " --- |";
    for (const auto& [name, value] : machine.items())
      if (!value.is_object())
        facts[name] += fmt::format(" {} |", fact_text(value));
    const auto floor = machine.value("floor", json::object());
    for (const auto& [name, value] : floor.items())
      facts["floor: " + name] += fmt::format(" {} |", fact_text(value));
  }
  std::string text = fmt::format("## The machine\n\n{}\n{}\n", head, line);
  for (const auto& [name, values] : facts)
    text += fmt::format("| {} |{}\n", name, values);
  return text + "\n";
}

// As gnuplot reads it, with nothing in it that means more than itself.
std::string gnuplot_text(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string{"''"} : std::string{c};
  return out + "'";
}

} // namespace

std::vector<std::string> rows_of(const json& run) {
  std::vector<std::string> rows;
  for (const auto& one : run.at("rows"))
    if (const auto row = one.at("row").get<std::string>(); rows.empty() || rows.back() != row)
      rows.push_back(row);
  return rows;
}

json merged(const std::vector<json>& runs) {
  auto machines = json::array();
  std::vector<std::string> order;
  std::map<std::string, std::vector<json>> cases;
  for (const auto& run : runs) {
    machines.push_back(run.at("machine"));
    const bool large = run.at("machine").at("command").get<std::string>().ends_with(" --large");
    for (const auto& row : rows_of(run)) {
      if (!cases.contains(row))
        order.push_back(row);
      cases[row] = cases_of(run, row);
      for (auto& one : cases[row])
        one["repeat"] = fmt::format("pawl-bench {}{}", row, large ? " --large" : "");
    }
  }
  auto rows = json::array();
  for (const auto& row : order)
    for (auto& one : cases[row])
      rows.push_back(std::move(one));
  return {{"machines", std::move(machines)}, {"rows", std::move(rows)}};
}

std::string page_of(const json& run, const std::map<std::string, std::string>& explanations) {
  std::string text =
      "# Performance\n\nMade by `pawl-bench --page` from what it measured; nothing here was "
      "written by hand but the paragraphs under the tables. How to read it: "
      "[bench/README.md](../bench/README.md). A ratio is ours divided by theirs: where the unit is "
      "a time, less is better.\n\n";
  std::map<std::string, int> verdicts;
  for (const auto& one : run.at("rows"))
    ++verdicts[one.at("verdict").get<std::string>()];
  std::string summary;
  for (const auto& [name, count] : verdicts)
    summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", count, name);
  text += fmt::format("Of {} cases: {}.\n\n", run.at("rows").size(), summary);
  text += machine_section(run.at("machines"));
  for (const auto& row : rows_of(run))
    text += row_section(run, row, explanations);
  text.pop_back();
  return text;
}

std::string plot_of(const json& run, const std::string& row, const std::string& svg_file) {
  const auto cases = cases_of(run, row);
  std::set<std::string> peers;
  std::string unit;
  std::string data;
  for (const auto& one : cases)
    for (const auto& [peer, value] : one.at("peers").items())
      peers.insert(peer);
  for (const auto& one : cases) {
    if (!one.at("ours").is_number())
      continue;
    unit = one.at("unit").get<std::string>();
    data += fmt::format("\"{}\" {}", one.at("case").get<std::string>(), one.at("ours").dump());
    for (const auto& peer : peers)
      data += one.at("peers").contains(peer) ? " " + one.at("peers").at(peer).dump() : " NaN";
    data += "\n";
  }
  if (data.empty())
    return "";
  auto script = fmt::format("set terminal svg size 800,400 dynamic background rgb 'white'\n"
                            "set output {}\nset title {} noenhanced\nset ylabel {} noenhanced\n"
                            "set style data histogram\nset style fill solid 0.8\nset logscale y\n"
                            "set xtics rotate by -15 noenhanced\nset key outside noenhanced\n"
                            "$figures << END\n{}END\nplot $figures using 2:xtic(1) title 'pawl'",
                            gnuplot_text(svg_file), gnuplot_text(row), gnuplot_text(unit), data);
  int column = 3;
  for (const auto& peer : peers)
    script += fmt::format(", '' using {}:xtic(1) title {}", column++, gnuplot_text(peer));
  return script + "\n";
}

std::map<std::string, std::string> sections_of(const std::string& page) {
  std::map<std::string, std::string> sections;
  std::istringstream lines{page};
  std::string* current = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## "))
      current = &sections[line.substr(3)];
    else if (current != nullptr && !(current->empty() && line.empty()))
      *current += line + "\n";
  }
  for (auto& [name, text] : sections)
    while (text.ends_with("\n\n"))
      text.pop_back();
  return sections;
}

} // namespace pawl::bench

// docs/performance.md, made from the documents of one run or more.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pawl::bench {

// What the others below are given: {machines, rows}, of documents {machine, rows}. A row that a
// later run measured too is that run's. Each case also says how it is repeated.
nlohmann::json merged(const std::vector<nlohmann::json>& runs);

// The page: the machine, a table and a plot for each row, what was missed, how to repeat it.
// `explanations` has, by row, what people have written about it; it is put under the table.
std::string page_of(const nlohmann::json& run,
                    const std::map<std::string, std::string>& explanations);

// What gnuplot is told, to draw a row's cases (ours, peers, floor) as bars into an SVG file. Empty
// for a row without figures.
std::string plot_of(const nlohmann::json& run, const std::string& row, const std::string& svg_file);

// The rows of a run, in their order.
std::vector<std::string> rows_of(const nlohmann::json& run);

// The paragraphs under each heading "## NAME" of a page of explanations.
std::map<std::string, std::string> sections_of(const std::string& page);

} // namespace pawl::bench

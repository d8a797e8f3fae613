// docs/performance.md, made from the documents of one run or more.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pawl::bench {

// Merges documents {machine, rows} into the document {machines, rows} that the functions below
// take. If several runs measured a row, the last one counts. Each case also says how it is
// repeated.
nlohmann::json merged(const std::vector<nlohmann::json>& runs);

// The page: the machine, a table and a plot for each row, what was missed, how to repeat it.
// `explanations` has, by row, what people have written about it; it is put under the table.
std::string page_of(const nlohmann::json& run,
                    const std::map<std::string, std::string>& explanations);

// The gnuplot script that draws a row's cases (ours, peers, floor) as bars into an SVG file. Empty
// for a row without figures.
std::string plot_of(const nlohmann::json& run, const std::string& row, const std::string& svg_file);

// The rows of a run, in their order.
std::vector<std::string> rows_of(const nlohmann::json& run);

// The paragraphs under each heading "## NAME" of a page of explanations.
std::map<std::string, std::string> sections_of(const std::string& page);

} // namespace pawl::bench

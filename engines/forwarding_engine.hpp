// An engine that passes every call to another one. A layer over an engine (failpoints, tests)
// derives from it and overrides the calls that it changes.
#pragma once

#include "engines/engine.hpp"

#include <memory>

namespace pawl {

class forwarding_engine : public engine {
public:
  // `below` is not null.
  explicit forwarding_engine(std::shared_ptr<engine> below) : below_(std::move(below)) {}

  result<std::vector<std::string>> check() override { return below_->check(); }
  result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) override {
    return below_->build(job, sink, std::move(stop));
  }
  result<artifact> push(const build_job& job, std::stop_token stop) override {
    return below_->push(job, std::move(stop));
  }
  result<void> run_release(const instance_spec& spec, const line_sink& sink,
                           std::stop_token stop) override {
    return below_->run_release(spec, sink, std::move(stop));
  }
  bool has_artifact(const std::string& app, const std::string& digest) const override {
    return below_->has_artifact(app, digest);
  }
  result<instance> start(const instance_spec& spec) override { return below_->start(spec); }
  result<void> stop(const std::string& name, duration grace) override {
    return below_->stop(name, grace);
  }
  result<std::vector<instance>> list() override { return below_->list(); }
  void watch(const std::string& name, std::function<void(instance)> on_exit) override {
    below_->watch(name, std::move(on_exit));
  }
  listening_places listening(const std::string& name) override { return below_->listening(name); }
  std::optional<probe_answer> own_check(const std::string& name) override {
    return below_->own_check(name);
  }
  void discard(const std::string& deployment) override { below_->discard(deployment); }
  std::vector<std::string> leftovers() const override { return below_->leftovers(); }
  result<std::vector<volume>> volumes() override { return below_->volumes(); }
  result<void> remove_volume(const lane_key& lane, const std::string& name) override {
    return below_->remove_volume(lane, name);
  }
  instance_logs& logs() override { return below_->logs(); }

protected:
  engine& below() const { return *below_; }

private:
  std::shared_ptr<engine> below_;
};

} // namespace pawl

// Families of series for Prometheus, in its text format 0.0.4. How many series a program has must
// depend on its configuration only, never on what a peer sends. Pure.
#pragma once

#include <prometheus/metric_family.h>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::api {

inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

class Families {
 public:
  // {{"pool", "web"}, {"backend", "b1"}}
  using Labels = std::vector<prometheus::ClientMetric::Label>;

  // One family: its series stand together in the text. Goes before the families.
  class Family {
   public:
    void Add(Labels labels, double value);
    void Add(Labels labels, uint64_t value) { Add(std::move(labels), static_cast<double>(value)); }
    void Add(Labels labels, bool value) { Add(std::move(labels), value ? 1.0 : 0.0); }

   private:
    friend class Families;
    Family(std::vector<prometheus::MetricFamily>& all, size_t index) : all_(&all), index_(index) {}

    std::vector<prometheus::MetricFamily>* all_;
    size_t index_;
  };

  // Every name begins with `prefix`, such as "joinery_lb_".
  explicit Families(std::string_view prefix) : prefix_(prefix) {}

  // `name` without the prefix; a counter's ends with _total.
  [[nodiscard]] Family Counter(std::string_view name, std::string_view help);
  [[nodiscard]] Family Gauge(std::string_view name, std::string_view help);
  // A gauge of one series.
  void One(std::string_view name, std::string_view help, double value);

  [[nodiscard]] std::string Text() const;

 private:
  Family Make(std::string_view name, std::string_view help, prometheus::MetricType type);

  std::string prefix_;
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace joinery::api

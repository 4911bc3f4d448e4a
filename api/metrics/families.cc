#include "api/metrics/families.h"

#include <prometheus/text_serializer.h>
#include <utility>

namespace joinery::api {

void Families::Family::Add(Labels labels, double value) {
  prometheus::MetricFamily& family = (*all_)[index_];
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  if (family.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

Families::Family Families::Make(std::string_view name, std::string_view help,
                                prometheus::MetricType type) {
  prometheus::MetricFamily& family = families_.emplace_back();
  family.name = prefix_ + std::string(name);
  family.help = help;
  family.type = type;
  return {families_, families_.size() - 1};
}

Families::Family Families::Counter(std::string_view name, std::string_view help) {
  return Make(name, help, prometheus::MetricType::Counter);
}

Families::Family Families::Gauge(std::string_view name, std::string_view help) {
  return Make(name, help, prometheus::MetricType::Gauge);
}

void Families::One(std::string_view name, std::string_view help, double value) {
  Gauge(name, help).Add({}, value);
}

std::string Families::Text() const { return prometheus::TextSerializer().Serialize(families_); }

}  // namespace joinery::api

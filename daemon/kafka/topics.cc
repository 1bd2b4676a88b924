#include "daemon/kafka/topics.h"

#include <algorithm>
#include <utility>

#include "core/hash.h"

namespace freshet::daemon::kafka {
namespace {

// Any fixed key would do; positions are stored, so it stays.
constexpr std::uint64_t kKey0 = 0x66726573686574;
constexpr std::uint64_t kKey1 = 0x746F70696373;
constexpr unsigned kPartitionBits = 16;

std::uint32_t NumberOfTopic(std::string_view name) {
  const core::SipHash::Digest digest = core::SipHash::Of(name, kKey0, kKey1);
  return static_cast<std::uint32_t>(digest[0] & 0xFFFF) << kPartitionBits;
}

}  // namespace

core::Result<Topics> Topics::Of(const config::KafkaSettings& settings) {
  Topics topics;
  const auto add = [&](const std::string& name, TopicKind kind) {
    if (!name.empty()) topics.topics_.push_back({name, kind, NumberOfTopic(name)});
  };
  for (const std::string& name : settings.events_topics) add(name, TopicKind::kEvents);
  add(settings.items_topic, TopicKind::kItems);
  add(settings.users_topic, TopicKind::kUsers);
  for (std::size_t i = 0; i < topics.topics_.size(); ++i) {
    const Topic* other = topics.Find(topics.topics_[i].number);
    if (other == &topics.topics_[i]) continue;
    return core::InvalidArgument("the topics " + other->name + " and " + topics.topics_[i].name +
                                 " cannot be told apart in positions (their names hash to the same "
                                 "16 bits): rename one of them");
  }
  return topics;
}

const Topics::Topic* Topics::Find(std::uint32_t number) const {
  const std::uint32_t topic = number >> kPartitionBits << kPartitionBits;
  const auto it = std::find_if(topics_.begin(), topics_.end(),
                               [&](const Topic& each) { return each.number == topic; });
  return it == topics_.end() ? nullptr : &*it;
}

const Topics::Topic* Topics::Find(std::string_view name) const {
  const auto it = std::find_if(topics_.begin(), topics_.end(),
                               [&](const Topic& each) { return each.name == name; });
  return it == topics_.end() ? nullptr : &*it;
}

const Topics::Topic* Topics::ForWriting(TopicKind kind) const {
  const auto it = std::find_if(topics_.begin(), topics_.end(),
                               [&](const Topic& each) { return each.kind == kind; });
  return it == topics_.end() ? nullptr : &*it;
}

std::string Topics::NameOf(std::uint32_t number) const {
  const Topic* topic = Find(number);
  return (topic == nullptr ? "?" : topic->name) + "/" + std::to_string(PartitionOf(number));
}

}  // namespace freshet::daemon::kafka

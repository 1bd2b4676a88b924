// Owners of librdkafka's objects. Each is freed with its owner; what may be done with it from which
// thread is the library's rule.
#pragma once

#include <memory>

#include <librdkafka/rdkafka.h>

namespace freshet::daemon::kafka {

// Frees by a function of the library.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

// A client ends without asking the brokers: positions are ours, and no group is joined.
inline void EndClient(rd_kafka_t* client) {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

using Client = std::unique_ptr<rd_kafka_t, Freed<EndClient>>;
using Conf = std::unique_ptr<rd_kafka_conf_t, Freed<rd_kafka_conf_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Freed<rd_kafka_queue_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Freed<rd_kafka_topic_destroy>>;
using PartitionList =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Freed<rd_kafka_topic_partition_list_destroy>>;

}  // namespace freshet::daemon::kafka

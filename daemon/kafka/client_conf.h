// Configurations of librdkafka's clients: ours, then the operator's [log.librdkafka].
#pragma once

#include <cstddef>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/kafka/handles.h"

namespace freshet::daemon::kafka {

// kInvalidArgument names the key and says in librdkafka's words what is wrong with it; so does a
// property that Freshet itself must set.
core::Result<Conf> ConsumerConf(const config::KafkaSettings& settings);
core::Result<Conf> ProducerConf(const config::KafkaSettings& settings);

// Makes the client; kInvalidArgument with librdkafka's words when properties do not go together.
core::Result<Client> MakeClient(rd_kafka_type_t type, Conf conf);

}  // namespace freshet::daemon::kafka

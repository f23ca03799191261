// SPDX-License-Identifier: MIT
#include "jci/executors/docker/job_container.hpp"

#include <boost/json/object.hpp>

#include <utility>

#include "jci/executors/docker/convert.hpp"
#include "jci/executors/docker/sweep.hpp"
#include "jci/util/json.hpp"

namespace jci::docker {

Awaitable<Answer<JobContainer>> make_container(RunScope& scope, const Job& job,
                                               const Options& options, const std::string& network) {
  Surroundings surroundings = scope.surroundings;
  surroundings.network = network;
  surroundings.labels.emplace(k_job_label, job.name);
  const boost::json::object body = create_body(job, options, surroundings);
  const std::string name = container_name(scope.context.info.pipe_id, job);
  const auto created = co_await scope.client.create_container(body, name, options.platform);
  if (!created) co_return std::unexpected(created.error());

  co_return JobContainer{.id = created->id,
                         .terminal = flag_of(body, "Tty"),
                         .has_init = flag_of(object_of(body, "HostConfig"), "Init")};
}

Awaitable<> inspect(Client& client, JobContainer& container) {
  const auto details = co_await client.inspect_container(container.id);
  if (!details) co_return;
  container.image_id = text_of(*details, "Image");
  const boost::json::object& host = object_of(*details, "HostConfig");
  const std::string restarts = text_of(object_of(host, "RestartPolicy"), "Name");
  container.is_plain = number_of(host, "Memory") == 0 && (restarts.empty() || restarts == "no");
}

Awaitable<Answer<void>> attach(Client& client, JobContainer& container) {
  auto attached = co_await client.attach(container.id, container.terminal);
  if (!attached && attached.error().kind == Error::Kind::connection)
    co_return std::unexpected(attached.error());
  if (attached) container.output.emplace(std::move(*attached));
  co_return Answer<void>();
}

}  // namespace jci::docker

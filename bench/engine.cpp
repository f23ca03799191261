// SPDX-License-Identifier: MIT
// What Plan and Engine cost a job: pipelines of three shapes and growing size on the Mock, in a fresh process each.
//   bench_engine [ROUNDS]
#include "jci/engine/engine.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "jci/core/pipeline.hpp"
#include "jci/executors/mock.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Figures {
  double declare_us = 0;  // a job
  double run_us = 0;      // a job
  double bytes = 0;       // a job, of all that is held at the end
};

jci::JobOptions after(std::vector<std::string> parents) {
  jci::JobOptions options;
  options.depends_on = std::move(parents);
  return options;
}

std::string name_of(int i) { return "job" + std::to_string(i); }

// A hundred jobs a layer, each waiting for two of the layer before.
std::vector<std::string> parents_in_layers(int i) {
  constexpr int k_width = 100;
  if (i < k_width) return {};
  const int above = i - k_width;
  return {name_of(above), name_of(above - above % k_width + (above + 1) % k_width)};
}

void declare(jci::Pipeline& pipeline, const std::string& shape, int jobs) {
  for (int i = 0; i < jobs; ++i) {
    std::vector<std::string> parents;
    if (shape == "chain" && i > 0) parents = {name_of(i - 1)};
    if (shape == "layered") parents = parents_in_layers(i);
    pipeline.add_job(name_of(i), "true", after(std::move(parents)));
  }
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

Figures measure(const std::string& shape, int jobs) {
  const double before = resident_bytes();
  const auto start = Clock::now();
  jci::Pipeline pipeline;
  declare(pipeline, shape, jobs);
  const double declared = us_since(start);
  jci::MockExecutor mock;
  jci::Engine engine(pipeline, mock, {}, 0);
  const auto begun = Clock::now();
  if (engine.run() != jci::Status::passed) std::abort();
  const double ran = us_since(begun);
  return {declared / jobs, ran / jobs, (resident_bytes() - before) / jobs};
}

// In a process of its own, so that one measurement leaves the next no warm heap.
Figures measure_apart(const std::string& shape, int jobs) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    const Figures figures = measure(shape, jobs);
    _exit(write(ends[1], &figures, sizeof figures) == sizeof figures ? 0 : 1);
  }
  close(ends[1]);
  Figures figures;
  const bool whole = read(ends[0], &figures, sizeof figures) == sizeof figures;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (!whole) std::abort();
  return figures;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  fmt::print("{:<12} {:>8} {:>14} {:>10} {:>12}   (medians of {} runs)\n", "shape", "jobs",
             "declare us/job", "run us/job", "bytes/job", rounds);
  for (const std::string shape : {"independent", "chain", "layered"}) {
    for (const int jobs : {100, 1'000, 10'000, 100'000}) {
      std::vector<double> declare_us, run_us, bytes;
      for (int i = 0; i < rounds; ++i) {
        const Figures figures = measure_apart(shape, jobs);
        declare_us.push_back(figures.declare_us);
        run_us.push_back(figures.run_us);
        bytes.push_back(figures.bytes);
      }
      fmt::print("{:<12} {:>8} {:>14.2f} {:>10.2f} {:>12.0f}\n", shape, jobs, median(declare_us),
                 median(run_us), median(bytes));
    }
  }
}

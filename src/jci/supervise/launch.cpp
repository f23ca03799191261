// SPDX-License-Identifier: MIT
#include "jci/supervise/launch.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/supervise/raw_syscall.hpp"

namespace jci::supervise {
namespace {

/// For a few calls of functions.
struct alignas(64) Stack {
  std::array<std::byte, 16U * 1024> bytes;
};

/// Stacks for the next ones: pages of fresh memory would cost more than all the rest.
class Stacks {
 public:
  std::unique_ptr<Stack> take() {
    if (free_.empty()) return std::make_unique_for_overwrite<Stack>();
    std::unique_ptr<Stack> stack = std::move(free_.back());
    free_.pop_back();
    return stack;
  }
  void give_back(std::unique_ptr<Stack> stack) {
    if (stack && free_.size() < k_kept) free_.push_back(std::move(stack));
  }

 private:
  static constexpr std::size_t k_kept = 64;
  std::vector<std::unique_ptr<Stack>> free_;
};

Stacks& stacks() {
  static Stacks all;
  return all;
}

/// To be read; opened once.
int dev_null() {
  static const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return null.get();
}

template <class Pointer>
long address(const Pointer* pointer) {
  return reinterpret_cast<long>(pointer);
}

// The kernel's sigset_t is smaller than the library's.
constexpr long k_signal_set_bytes = _NSIG / CHAR_BIT;

/// Where a process waits for its turn.
enum class Wait {
  none,
  before_exec,
  behind_exec,  ///< if it may be traced, else before
};

/// One that changes its user by its exec does not while it is traced; a shell is none of those.
Wait wait_of(const Program& program) {
  const bool is_shell = std::string_view(program.arguments.front()) == "/bin/sh";
  return is_shell ? Wait::behind_exec : Wait::before_exec;
}

/// Of one that is traced and has stopped.
bool has_signal_pending(pid_t process) {
  __ptrace_peeksiginfo_args first{
      .off = 0, .flags = PTRACE_PEEKSIGINFO_SHARED, .nr = 1};  // those sent to all of it
  siginfo_t ignored;
  return ::ptrace(PTRACE_PEEKSIGINFO, process, &first, &ignored) > 0;
}

#define JCI_BESIDE_US __attribute__((no_sanitize("address", "undefined", "thread")))

/// Stops at least once, which `go` waits for; and again where somebody else continues it.
JCI_BESIDE_US void stop_until(const std::atomic<bool>& may_go) {
  const long self = raw_syscall(SYS_getpid);
  do raw_syscall(SYS_kill, self, SIGSTOP);
  while (!may_go.load(std::memory_order_acquire));
}

/// What execvp(3) does. Returns the errno to tell.
JCI_BESIDE_US int exec_first(const Program& program, const std::vector<std::string>& paths) {
  int told = ENOENT;
  for (const std::string& path : paths) {
    const long error =
        -raw_syscall(SYS_execve, address(path.c_str()), address(program.arguments.data()),
                     address(program.variables.data()));
    if (error == EACCES) told = EACCES;
    if (error != EACCES && error != ENOENT && error != ENOTDIR) return static_cast<int>(error);
  }
  return told;
}

}  // namespace

struct Launch::Shared {
  /// Runs in our memory, beside us: system calls only.
  static int become_program(void* shared);
  int make();
  bool resume();
  void forget_process();
  void wait_until_away();

  Program program;
  std::vector<std::string> paths;
  int nothing = dev_null();
  pid_t parent = ::getpid();
  pid_t process = -1;
  std::unique_ptr<Stack> stack = stacks().take();
  Wait wait = Wait::none;
  bool waits = false;  // as far as we know
  int stopped_by = 0;  // a signal, where it is traced, as far as we have been told
  std::atomic<bool> may_go = false;
  /// The kernel clears it, and wakes whoever waits, when the process leaves our memory (CLONE_CHILD_CLEARTID).
  std::atomic<pid_t> is_here = 0;
  LaunchFailure failure = {Step::fork, 0};

  static_assert(sizeof is_here == sizeof(pid_t) && std::atomic<pid_t>::is_always_lock_free);
};

JCI_BESIDE_US int Launch::Shared::become_program(void* argument) {
  Shared& shared = *static_cast<Shared*>(argument);
  const Program& program = shared.program;
  raw_syscall(SYS_setsid);
  raw_syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1);
  raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  if (raw_syscall(SYS_getppid) != shared.parent)
    raw_syscall(SYS_exit_group, 127);  // it died before it could be watched
  raw_syscall(SYS_dup3, shared.nothing, STDIN_FILENO);
  raw_syscall(SYS_dup3, program.out.get(), STDOUT_FILENO);
  raw_syscall(SYS_dup3, program.err.get(), STDERR_FILENO);
  const bool is_traced =
      shared.wait == Wait::behind_exec && raw_syscall(SYS_ptrace, PTRACE_TRACEME) == 0;
  if (shared.wait != Wait::none && !is_traced) stop_until(shared.may_go);
  if (const long changed = raw_syscall(SYS_chdir, address(program.directory)); changed != 0) {
    shared.failure = {Step::directory, static_cast<int>(-changed)};
    raw_syscall(SYS_exit_group, 127);
  }
  const std::array<unsigned char, k_signal_set_bytes> none{};
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, address(none.data()), 0, k_signal_set_bytes);
  shared.failure = {Step::exec, exec_first(program, shared.paths)};
  raw_syscall(SYS_exit_group, 127);
  return 127;
}

/// errno where it cannot be made.
int Launch::Shared::make() {
  is_here = 1;
  const int flags = CLONE_VM | CLONE_CHILD_CLEARTID | (k_errno_is_left_alone ? 0 : CLONE_VFORK);
  process = ::clone(&become_program, stack->bytes.end(), flags | SIGCHLD, this, nullptr, nullptr,
                    static_cast<void*>(&is_here));
  if (process >= 0) return 0;
  is_here = 0;
  return errno;
}

/// Lets it go on from where it stops. False where it cannot: it has ended, though its program could be run, or somebody has sent it a signal, as
/// one who looks for other processes with words of its command line may.
bool Launch::Shared::resume() {
  may_go.store(true, std::memory_order_release);
  siginfo_t how{};
  if (stopped_by == 0)
    ::waitid(P_PID, static_cast<id_t>(process), &how, WSTOPPED | WEXITED | WNOWAIT);
  if (how.si_code == CLD_TRAPPED) stopped_by = how.si_status;
  if (stopped_by != 0)
    return stopped_by == SIGTRAP && !has_signal_pending(process) &&
           ::ptrace(PTRACE_DETACH, process, nullptr, nullptr) == 0;
  if (how.si_code == CLD_STOPPED) return ::kill(process, SIGCONT) == 0;
  return failure.error != 0;
}

/// What is made next takes its place.
void Launch::Shared::forget_process() {
  process = -1;
  wait = Wait::none;
}

void Launch::Shared::wait_until_away() {
  for (pid_t here = 0; (here = is_here.load(std::memory_order_acquire)) != 0;)
    ::syscall(SYS_futex, &is_here, FUTEX_WAIT, here, nullptr);
}

Launch::Launch(Program program) : shared_(std::make_unique<Shared>()) {
  shared_->paths = candidates(program);
  shared_->program = std::move(program);
}
Launch::Launch(Launch&&) noexcept = default;
Launch& Launch::operator=(Launch&& other) noexcept {
  std::swap(shared_, other.shared_);
  return *this;
}

Launch::~Launch() {
  if (!shared_) return;
  if (shared_->waits) ::kill(shared_->process, SIGKILL);
  await();
}

void Launch::prepare() {
  if (!k_errno_is_left_alone) return;
  shared_->wait = wait_of(shared_->program);
  shared_->waits = shared_->make() == 0;
}

void Launch::changed(int wait_status) {
  if (WIFSTOPPED(wait_status)) {
    shared_->stopped_by = WSTOPSIG(wait_status);
    return;
  }
  shared_->waits = false;
  // Killed: by the system, where ptrace(2) is forbidden, or by somebody.
  if (!failure()) shared_->forget_process();
}

bool Launch::has_failed() const { return !shared_->waits && failure().has_value(); }

std::expected<pid_t, int> Launch::go() {
  if (std::exchange(shared_->waits, false) && !shared_->resume()) {
    ::kill(shared_->process, SIGKILL);
    shared_->wait_until_away();
    shared_->forget_process();
  }
  if (shared_->process < 0)
    if (const int error = shared_->make(); error != 0) return std::unexpected(error);
  return shared_->process;
}

pid_t Launch::process() const { return shared_->process; }

void Launch::await() {
  Shared& shared = *shared_;
  shared.wait_until_away();
  stacks().give_back(std::move(shared.stack));
  Program used = std::exchange(shared.program, {});
  shared.program.out = std::move(used.out);
  shared.program.err = std::move(used.err);
}

std::optional<LaunchFailure> Launch::failure() const {
  if (shared_->failure.error == 0) return std::nullopt;
  return shared_->failure;
}

}  // namespace jci::supervise

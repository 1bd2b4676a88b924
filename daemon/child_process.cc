#include "daemon/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/file.h"

namespace freshet::daemon {
namespace {

using std::chrono::steady_clock;
using storage::File;

constexpr std::size_t kMaximumLineBytes = 4096;

core::Error SystemError(const std::string& what, int error) {
  const auto code = error == ENOENT ? core::ErrorCode::kNotFound : core::ErrorCode::kIo;
  return {code, what + ": " + std::generic_category().message(error)};
}

// Cuts what a child writes into lines. Longer ones than kMaximumLineBytes come in pieces.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& say) : say_(say) {}

  // Takes what there is; false at the end.
  bool Read(const File& from) {
    std::array<char, kMaximumLineBytes> bytes;
    const ssize_t count = ::read(from.get(), bytes.data(), bytes.size());
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    for (const char byte : std::string_view(bytes.data(), static_cast<std::size_t>(count))) {
      if (byte == '\n' || line_.size() == kMaximumLineBytes) Say();
      if (byte != '\n') line_ += byte;
    }
    return count > 0;
  }

  // Takes the rest, as far as it is written.
  void Finish(const File& from) {
    ::fcntl(from.get(), F_SETFL, O_NONBLOCK);
    pollfd ready{from.get(), POLLIN, 0};
    while (::poll(&ready, 1, 0) > 0 && Read(from)) continue;
    Say();
  }

 private:
  void Say() {
    if (!line_.empty()) say_(line_);
    line_.clear();
  }

  const std::function<void(std::string_view)>& say_;
  std::string line_;
};

// The child is killed with its group and waited for when this goes.
class Child {
 public:
  explicit Child(pid_t pid)
      : pid_(pid), descriptor_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ~Child() { (void)End(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Becomes readable when the child has ended.
  [[nodiscard]] const File& descriptor() const { return descriptor_; }

  // Its status. Until it is waited for nobody else can have its number or its group's.
  int End() {
    if (pid_ == 0) return status_;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) continue;
    pid_ = 0;
    return status_;
  }

 private:
  pid_t pid_;
  const File descriptor_;
  int status_ = 0;
};

// Its outputs are `output`, its input is empty, all else is closed; in a process group of its own,
// so that what ends it ends its children too, and Ctrl-C on a terminal leaves it to us.
core::Result<pid_t> Spawn(const ChildCommand& command, const File& output) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, output.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, output.get(), STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, arguments.front(), &files, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) return SystemError(command.arguments.front(), error);
  return pid;
}

void Limit(pid_t pid, std::uint64_t maximum_bytes) {
  const rlimit limit{maximum_bytes, maximum_bytes};
  ::prlimit(pid, RLIMIT_DATA, &limit, nullptr);
  const rlimit no_core{0, 0};
  ::prlimit(pid, RLIMIT_CORE, &no_core, nullptr);
  constexpr int kFirst = 1000;  // to be taken when memory runs out
  std::ofstream("/proc/" + std::to_string(pid) + "/oom_score_adj") << kFirst;
}

// Passes lines on until the child has ended by itself, or why it is not left to go on.
ChildEnd::Kind Follow(const Child& child, const File& output, int stop_descriptor,
                      steady_clock::time_point deadline, Lines* lines) {
  std::array<pollfd, 3> wait = {pollfd{output.get(), POLLIN, 0},
                                pollfd{child.descriptor().get(), POLLIN, 0},
                                pollfd{stop_descriptor, POLLIN, 0}};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) return ChildEnd::Kind::kTimeLimit;
    constexpr std::int64_t kLongest = 3'600'000;
    const auto milliseconds = static_cast<int>(std::min<std::int64_t>(left, kLongest));
    if (::poll(wait.data(), wait.size(), milliseconds) < 0) continue;  // a signal
    if (wait[2].revents != 0) return ChildEnd::Kind::kStopped;
    // A closed output is no end: it is looked at no more.
    if (wait[0].revents != 0 && !lines->Read(output)) wait[0].fd = -1;
    if (wait[1].revents != 0) return ChildEnd::Kind::kExited;
  }
}

}  // namespace

core::Result<ChildEnd> RunChild(const ChildCommand& command, int stop_descriptor,
                                const std::function<void(std::string_view)>& say) {
  const auto deadline = steady_clock::now() + command.time_limit;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return SystemError("a pipe for the trainer", errno);
  const File output(ends[0]);
  std::optional<File> input(std::in_place, ends[1]);
  const auto pid = Spawn(command, *input);
  input.reset();
  if (!pid) return pid.error();
  Child child(*pid);
  if (child.descriptor().get() < 0) return SystemError("pidfd_open", errno);
  Limit(*pid, command.maximum_bytes);
  Lines lines(say);
  ChildEnd end;
  end.kind = Follow(child, output, stop_descriptor, deadline, &lines);
  const int status = child.End();
  lines.Finish(output);
  if (end.kind != ChildEnd::Kind::kExited) return end;
  if (WIFSIGNALED(status)) end.kind = ChildEnd::Kind::kSignalled;
  end.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  return end;
}

}  // namespace freshet::daemon

// Gate: lets many queries read state while one writer changes it.
//
// Each reading thread owns a Reader, a slot on a cache line of its own, so readers share no line
// that is written. The writer announces itself, waits for the readings under way, changes state and
// lets go. Who must wait sleeps (std::atomic::wait), nobody spins. Neither side starves: a reader
// that waited goes before the writer's next turn.
//
// Owned by the engine. Thread-safe: any number of readers up to the constructor's maximum, one
// writer.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace freshet::daemon {

class Gate {
 public:
  class Reader;

  // `maximum_readers`: threads that may hold a Reader at one time.
  explicit Gate(std::size_t maximum_readers);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Takes a free slot for the calling thread. Aborts when there is none. The Gate outlives the
  // Reader.
  Reader Register();

  // Runs `change` while no reader reads. REQUIRES: one thread at a time. Keep it short: every query
  // waits.
  template <typename Change>
  void Write(Change&& change) {
    BeginWrite();
    change();
    EndWrite();
  }

  // A thread's right to read. Movable, used by one thread at a time.
  class Reader {
   public:
    Reader(Reader&& other) noexcept;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    Reader& operator=(Reader&&) = delete;
    ~Reader();

    // Runs `read` while the writer waits, and returns what it returns. Not reentrant.
    template <typename Function>
    decltype(auto) Read(Function&& read) {
      const Hold hold(*this);
      return read();
    }

   private:
    friend class Gate;
    struct Hold {
      explicit Hold(Reader& reader) : reader_(reader) { reader_.Enter(); }
      ~Hold() { reader_.Leave(); }
      Hold(const Hold&) = delete;
      Hold& operator=(const Hold&) = delete;
      Reader& reader_;
    };

    Reader(Gate* gate, std::size_t slot) : gate_(gate), slot_(slot) {}
    void Enter();
    void Leave();

    Gate* gate_;
    std::size_t slot_;
  };

 private:
  // What a slot's thread does; see gate.cc for the order of the stores.
  enum SlotState : std::uint32_t { kIdle = 0, kReading = 1, kWaiting = 2 };

  struct alignas(64) Slot {
    std::atomic<std::uint32_t> state{kIdle};
  };

  void BeginWrite();
  void EndWrite();

  std::unique_ptr<Slot[]> slots_;
  std::size_t slot_count_;
  alignas(64) std::atomic<std::uint32_t> writing_{0};
  std::mutex registration_;
  std::unique_ptr<bool[]> taken_;  // guarded by registration_
};

}  // namespace freshet::daemon

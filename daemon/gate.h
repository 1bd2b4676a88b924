// Gate: lets many queries read state while one writer changes it.
//
// Each reading thread owns a Reader, a slot on a cache line of its own, so readers share no line
// that is written. The writer announces itself, waits for the readings under way, changes state and
// lets go. Who must wait looks for some 50 us whether it may go on and then sleeps
// (daemon/futex.h); nobody makes a system call while nobody sleeps. Neither side starves: an
// announced writer lets no new reading begin, and a reader that waited out one turn of the writer
// reads before the next.
//
// Owned by the engine. Thread-safe: any number of readers up to the constructor's maximum, one
// writer. gate.cc argues why a reading and a turn of the writer never overlap.
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

  // Readers that wait for a turn of the writer to end. Any thread; old news once it is returned.
  [[nodiscard]] std::size_t waiting() const;

  // Runs `change` while no reader reads. REQUIRES: one thread at a time. Keep it short: every query
  // waits.
  template <typename Change>
  void Write(Change&& change) {
    const Turn turn(*this);
    change();
  }

 private:
  // What a slot's thread does: idle, reading, or else the writer's turn that it waits out.
  static constexpr std::uint32_t kIdle = 0;
  static constexpr std::uint32_t kReading = 1;
  // What the writer does: nothing, or one of two turns that take it in turn.
  static constexpr std::uint32_t kOpen = 0;
  static constexpr std::uint32_t kFirstTurn = 2;
  static constexpr std::uint32_t kSecondTurn = 3;

  struct alignas(64) Slot {
    std::atomic<std::uint32_t> state{kIdle};
  };

  class Turn {
   public:
    explicit Turn(Gate& gate) : gate_(gate) { gate_.BeginWrite(); }
    ~Turn() { gate_.EndWrite(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Gate& gate_;
  };

 public:
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
    class Hold {
     public:
      explicit Hold(Reader& reader) : reader_(reader) { reader_.Enter(); }
      ~Hold() { reader_.Leave(); }
      Hold(const Hold&) = delete;
      Hold& operator=(const Hold&) = delete;

     private:
      Reader& reader_;
    };

    Reader(Gate* gate, Slot* slot) : gate_(gate), slot_(slot) {}

    void Enter() {
      slot_->state.store(kReading, std::memory_order_seq_cst);
      const std::uint32_t turn = gate_->turn_.load(std::memory_order_seq_cst);
      if (turn != kOpen) [[unlikely]] {
        WaitOut(turn);
      }
    }

    void Leave() {
      slot_->state.store(kIdle, std::memory_order_seq_cst);
      if (gate_->turn_.load(std::memory_order_seq_cst) != kOpen) [[unlikely]] {
        WakeWriter();
      }
    }

    void WaitOut(std::uint32_t turn);
    void WakeWriter();

    Gate* gate_;
    Slot* slot_;  // null once moved from
  };

 private:
  void BeginWrite();
  void EndWrite();
  void Release(Slot* slot);

  const std::size_t slot_count_;
  const std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<std::uint32_t> turn_{kOpen};
  std::atomic<std::uint32_t> sleeping_readers_{0};
  std::atomic<bool> writer_sleeps_{false};
  alignas(64) std::uint32_t last_turn_ = kSecondTurn;  // the writer's own
  std::mutex registration_;
  const std::unique_ptr<bool[]> taken_;  // guarded by registration_
};

}  // namespace freshet::daemon

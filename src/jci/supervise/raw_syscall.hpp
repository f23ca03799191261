// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>

#include <cerrno>

namespace jci::supervise {

/// A system call that leaves `errno` alone, as another process in the same memory may be about to read it. Returns what the kernel does:
/// -errno where it fails. See syscall(2) for the registers of each kind of processor.
#if defined(__x86_64__)

inline constexpr bool k_errno_is_left_alone = true;

inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  long result = number;
  register long fourth asm("r10") = d;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(fourth)
               : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

inline constexpr bool k_errno_is_left_alone = true;

inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  register long which asm("x8") = number;
  register long first asm("x0") = a;
  register long second asm("x1") = b;
  register long third asm("x2") = c;
  register long fourth asm("x3") = d;
  asm volatile("svc #0"
               : "+r"(first)
               : "r"(which), "r"(second), "r"(third), "r"(fourth)
               : "memory");
  return first;
}

#else

inline constexpr bool k_errno_is_left_alone = false;

inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0) {
  const long result = ::syscall(number, a, b, c, d);
  return result == -1 ? -errno : result;
}

#endif

}  // namespace jci::supervise

#include "base/descriptor.h"

#include <cerrno>
#include <fcntl.h>

#include <gtest/gtest.h>

namespace joinery {
namespace {

int Open() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0 || errno != EBADF; }

TEST(Descriptor, ClosesWhatItOwns) {
  const int fd = Open();
  {
    const Descriptor owner(fd);
    EXPECT_TRUE(owner.valid());
    EXPECT_TRUE(IsOpen(owner.get()));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(Descriptor, AMoveLeavesNothingBehind) {
  const int fd = Open();
  Descriptor first(fd);
  Descriptor second(std::move(first));
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): that is the question
  Descriptor third;
  third = std::move(second);
  EXPECT_EQ(third.get(), fd);
  EXPECT_TRUE(IsOpen(fd));
}

TEST(Descriptor, WhatIsReleasedStaysOpen) {
  Descriptor owner(Open());
  const Descriptor other(owner.Release());
  EXPECT_FALSE(owner.valid());
  EXPECT_TRUE(IsOpen(other.get()));
}

TEST(Descriptor, OwnsNothingAfterAFailedOpen) {
  EXPECT_FALSE(Descriptor(-1).valid());
  EXPECT_FALSE(Descriptor().valid());
}

}  // namespace
}  // namespace joinery

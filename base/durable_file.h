// A file that survives a crash or a power cut at any moment: afterwards the old content or the new
// one is there, whole. WriteDurably does it; its steps stand here for who has to make each of them
// fail (control/store) or does them in another order (api/pki).
//
// New files have mode 0600. Errors are sentences without the path, except WriteDurably's.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace joinery {

// Writes PATH.new, syncs it, renames it over PATH and syncs the folder. What a crash left at
// PATH.new goes first. The content is the pieces one after another. On an error the old content is
// still there, unless the last step failed: then either may come back after a power cut. The error
// begins with the path that it is about.
[[nodiscard]] Expected<void> WriteDurably(const std::string& path,
                                          std::initializer_list<std::string_view> pieces);

// Creates the file anew, whatever is there: one left from a crash may have another mode, or be a
// link to something else. Not durable before SyncFile.
[[nodiscard]] Expected<void> WriteAnew(const std::string& path, std::string_view bytes);
[[nodiscard]] Expected<void> SyncFile(const std::string& path);
// Replaces `to` at once. Not durable before SyncFolderOf.
[[nodiscard]] Expected<void> RenameOver(const std::string& from, const std::string& to);
// Makes the names in the file's folder durable.
[[nodiscard]] Expected<void> SyncFolderOf(const std::string& path);

// All bytes to a descriptor that blocks; false: errno says why.
[[nodiscard]] bool WriteAll(int fd, std::string_view bytes) noexcept;

}  // namespace joinery

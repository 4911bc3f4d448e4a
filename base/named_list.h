// An enumeration of things that are counted, printed and documented: written once, as a list, so
// that its constants, names and sentences can never differ. The list is a macro of rows
// X(kConstant, "name", "what it is, for people"):
//
//   #define JOINERY_COLOURS(X) X(kRed, "red", "as fire is") X(kBlue, "blue", "as the sea is")
//   JOINERY_NAMED_LIST(Colour, JOINERY_COLOURS);
//
// gives enum class Colour, kColourCount, kColourNames, Name(Colour) and Text(Colour).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#define JOINERY_LIST_CONSTANT(constant, name, text) constant,
#define JOINERY_LIST_NAME(constant, name, text) std::string_view(name),
#define JOINERY_LIST_TEXT(constant, name, text) std::string_view(text),

#define JOINERY_NAMED_LIST(Type, LIST)                                    \
  enum class Type : uint8_t { LIST(JOINERY_LIST_CONSTANT) };              \
  inline constexpr std::array k##Type##Names = {LIST(JOINERY_LIST_NAME)}; \
  inline constexpr std::array k##Type##Texts = {LIST(JOINERY_LIST_TEXT)}; \
  inline constexpr size_t k##Type##Count = k##Type##Names.size();         \
  /* As the counter is named. */                                          \
  [[nodiscard]] constexpr std::string_view Name(Type value) noexcept {    \
    return k##Type##Names[static_cast<size_t>(value)];                    \
  }                                                                       \
  /* The sentence for people. */                                          \
  [[nodiscard]] constexpr std::string_view Text(Type value) noexcept {    \
    return k##Type##Texts[static_cast<size_t>(value)];                    \
  }                                                                       \
  static_assert(k##Type##Count <= UINT8_MAX, "more rows than the enumeration can tell apart")

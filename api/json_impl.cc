// The parts of Boost.JSON that are no templates, compiled once.
#include <boost/json/src.hpp>

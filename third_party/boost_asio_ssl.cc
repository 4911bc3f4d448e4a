// The parts of Boost.Asio's TLS streams that are no templates.
#include <boost/asio/ssl/impl/src.hpp>

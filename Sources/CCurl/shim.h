// libcurl, plus its variadic setters and getters spelled out by argument type: Swift cannot call C variadics.
#ifndef SPANKIT_CCURL_H
#define SPANKIT_CCURL_H

#include <curl/curl.h>

#endif

#pragma once
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// curl_easy_setopt and its kin are variadic, which Swift cannot call: one typed door for each kind of value.

static inline CURLcode curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode curl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode curl_set_buffer(CURL *easy, CURLoption option, char *value) {
    return curl_easy_setopt(easy, option, value);
}

// The callbacks of one transfer; all of them get the same context.
struct curl_callbacks {
    curl_write_callback body;
    curl_write_callback header;
    curl_read_callback upload;
    curl_seek_callback rewind;
    curl_debug_callback dialogue;
    curl_xferinfo_callback progress;
    curl_opensocket_callback connect;
    curl_prereq_callback request;
};

static inline void curl_set_callbacks(CURL *easy, struct curl_callbacks callbacks, void *context) {
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callbacks.body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callbacks.header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, callbacks.upload);
    curl_easy_setopt(easy, CURLOPT_READDATA, context);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, callbacks.rewind);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, context);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, callbacks.dialogue);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, context);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, callbacks.progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, context);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callbacks.connect);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callbacks.request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
}

static inline long curl_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

static inline curl_off_t curl_get_offset(CURL *easy, CURLINFO info) {
    curl_off_t value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

static inline const char *curl_get_text(CURL *easy, CURLINFO info) {
    const char *value = NULL;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

static inline curl_socket_t curl_get_socket(CURL *easy) {
    curl_socket_t value = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &value);
    return value;
}

static inline CURLMcode curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// What a finished message carries lies in a union.
static inline CURLcode curl_message_result(const CURLMsg *message) {
    return message->data.result;
}

// The address libcurl is about to connect to is longer than the field that starts it.
static inline const struct sockaddr *curl_peer(const struct curl_sockaddr *address) {
    return &address->addr;
}

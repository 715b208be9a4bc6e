/* The config's numbers, named one by one where they are used. */
#include "sensor/worker_limits.h"

struct worker_limits worker_limits_of(const struct config *c)
{
	return (struct worker_limits){
	        .flows =
	                {
	                        .flows = (uint32_t)c->limits.flows,
	                        .idle_established = c->timeouts.established,
	                        .idle_attempted = c->timeouts.attempted,
	                        .idle_closed = c->timeouts.closed,
	                        .idle_no_interest = c->timeouts.no_interest,
	                        .idle_datagram = c->timeouts.datagram,
	                },
	        .streams =
	                {
	                        .streams = (uint32_t)c->limits.dissected_flows,
	                        .segments = (uint32_t)c->limits.segments,
	                        .flow_segments = (uint32_t)c->limits.stream_segments,
	                        .flow_bytes = (uint32_t)c->limits.stream_bytes,
	                        .message_part = (uint32_t)c->limits.message_part,
	                        .acknowledged_packets = (uint32_t)c->timeouts.hole_packets,
	                        .acknowledged_patience = c->timeouts.hole_acknowledged,
	                        .hole_patience = c->timeouts.hole,
	                        .undecided_bytes = (uint32_t)c->limits.undecided_bytes,
	                },
	        .decode =
	                {
	                        .tunnel_depth = (unsigned)c->limits.tunnel_depth,
	                        .fragments = (unsigned)c->limits.fragments,
	                        .fragment_timeout = c->timeouts.fragments,
	                        .verify_checksums = c->decode.verify_checksums,
	                },
	        .traffic =
	                {
	                        .addresses = (uint32_t)c->limits.traffic_addresses,
	                        .connections = (uint32_t)c->traffic.connections,
	                        .requests = (uint32_t)c->traffic.requests,
	                        .messages = (uint32_t)c->traffic.messages,
	                        .faults = (uint32_t)c->traffic.faults,
	                        .ike = (uint32_t)c->traffic.ike,
	                        .kibibytes = (uint32_t)(c->traffic.bytes / 1024) + 1,
	                        .packets = (uint32_t)c->traffic.packets,
	                },
	        .dissectors =
	                {
	                        .http_head = (uint32_t)c->limits.http_head,
	                        .http_pipeline = (uint32_t)c->limits.http_pipeline,
	                        .smb_message = (uint32_t)c->limits.smb_message,
	                        .smb_sessions = (uint32_t)c->limits.smb_sessions,
	                        .smb_trees = (uint32_t)c->limits.smb_trees,
	                        .smb_files = (uint32_t)c->limits.smb_files,
	                        .smb_requests = (uint32_t)c->limits.smb_requests,
	                        .ldap_message = (uint32_t)c->limits.ldap_message,
	                        .body = (uint32_t)c->limits.body,
	                        .inflate_bytes = (uint32_t)c->limits.inflate_bytes,
	                        .inflate_ratio = (uint32_t)c->limits.inflate_ratio,
	                        .xml_depth = (uint32_t)c->limits.xml_depth,
	                        .xml_elements = (uint32_t)c->limits.xml_elements,
	                        .report_body = (uint32_t)c->limits.report_body,
	                        .tls_handshake = (uint32_t)c->limits.tls_handshake,
	                        .esp_packets = (uint32_t)c->limits.esp_packets,
	                        .dns_questions = (uint32_t)c->limits.dns_questions,
	                        .dns_answers = (uint32_t)c->limits.dns_answers,
	                },
	};
}

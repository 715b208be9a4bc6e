/* Settings: what a user can change, read from YAML, with every bound the sensor has. */
#ifndef CMTAP_SENSOR_CONFIG_H
#define CMTAP_SENSOR_CONFIG_H

#include "core/clock.h"
#include "core/complaint.h"

#define CONFIG_PATH_MAX 4096

struct config {
	struct {
		int64_t snap_length, buffer, promiscuous;
	} capture;
	struct {
		int64_t memory, flows, dissected_flows, blocks, segments, event_ring, correlations,
		        site_servers, site_clients, traffic_addresses, stream_segments,
		        stream_bytes, message_part, undecided_bytes, tunnel_depth, fragments,
		        http_head, http_pipeline, body, inflate_bytes, inflate_ratio, xml_depth,
		        xml_elements, report_body, tls_handshake, tls_secrets, certificates,
		        esp_packets, ldap_message, site_pairs, site_logons, throttle_entries;
		int64_t smb_message, smb_sessions, smb_trees, smb_files, smb_requests;
		int64_t dns_questions, dns_answers;
	} limits;
	struct {
		int64_t established, attempted, closed, no_interest, datagram, fragments, hole,
		        hole_acknowledged, hole_packets;
	} timeouts;
	struct {
		int64_t verify_checksums;
	} decode;
	struct {
		int64_t ndpi, flows, packets;
	} identification;
	struct {
		int64_t connections, requests, messages, faults, ike, bytes, packets;
	} traffic;
	struct {
		char overrides[CONFIG_PATH_MAX], mapping[CONFIG_PATH_MAX]; /* empty: not set */
		int64_t experimental;
	} signatures;
	struct {
		int64_t throttle;
	} alerts;
};

/* Fills in the defaults, then what `file` says (NULL: nothing), then what follows from
 * limits.memory. Unknown keys, values out of range and limits that together exceed limits.memory
 * are complaints. */
void config_read(struct config *config, const char *file, struct complaints *complaints);

#endif

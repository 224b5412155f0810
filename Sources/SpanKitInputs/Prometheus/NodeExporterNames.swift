/// The metrics of node_exporter's own collectors, of its process and of its HTTP handler.
///
/// They are the families of versions 1.5.0, 1.9.0 and 1.11.1 with all collectors: those in `collector/fixtures/e2e-output.txt` of
/// its source, and those that it serves on Linux 6.1.
enum NodeExporterNames {
    /// Whether a family has a name that node_exporter uses for its own.
    static func contains(_ family: String) -> Bool { all.contains(family) }

    private static let all: Set<String> = {
        var names: Set<String> = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            for word in words.dropFirst() { names.insert("\(words[0])\(word)") }
        }
        return names
    }()

    /// Each line has a prefix, and then the rest of each name with this prefix.
    private static let text = """
        go_ goroutines info sched_gomaxprocs_threads threads
        go_gc_ duration_seconds gogc_percent gomemlimit_bytes
        go_memstats_ alloc_bytes alloc_bytes_total buck_hash_sys_bytes frees_total gc_sys_bytes heap_alloc_bytes
        go_memstats_ heap_idle_bytes heap_inuse_bytes heap_objects heap_released_bytes heap_sys_bytes
        go_memstats_ last_gc_time_seconds lookups_total mallocs_total mcache_inuse_bytes mcache_sys_bytes
        go_memstats_ mspan_inuse_bytes mspan_sys_bytes next_gc_bytes other_sys_bytes stack_inuse_bytes stack_sys_bytes
        go_memstats_ sys_bytes
        node_ arp_entries bonding_active bonding_slaves boot_time_seconds buddyinfo_blocks cgroups_cgroups
        node_ cgroups_enabled context_switches_total cooling_device_cur_state cooling_device_max_state dmi_info
        node_ entropy_available_bits entropy_pool_size_bits exporter_build_info filefd_allocated filefd_maximum
        node_ forks_total interrupts_total intr_total kernel_hung_tasks_total load1 load15 load5 os_info os_version
        node_ procs_blocked procs_running rapl_core_joules_total rapl_package_joules_total
        node_ scrape_collector_duration_seconds scrape_collector_success selinux_enabled softirqs_functions_total
        node_ softirqs_total tcp_connection_states textfile_mtime_seconds textfile_scrape_error thermal_zone_temp
        node_ udp_queues uname_info
        node_bcache_ active_journal_entries average_key_size_sectors btree_cache_size_bytes btree_nodes
        node_bcache_ btree_read_average_duration_seconds bypassed_bytes_total cache_available_percent
        node_bcache_ cache_bypass_hits_total cache_bypass_misses_total cache_hits_total cache_miss_collisions_total
        node_bcache_ cache_misses_total cache_read_races_total cache_readaheads_total congested dirty_data_bytes
        node_bcache_ dirty_target_bytes io_errors metadata_written_bytes_total priority_stats_metadata_percent
        node_bcache_ priority_stats_unused_percent root_usage_percent tree_depth writeback_change writeback_rate
        node_bcache_ writeback_rate_integral_term writeback_rate_proportional_term written_bytes_total
        node_bcachefs_ accounting_key_to_wb_slowpath_total bkey_pack_pos_fail_total
        node_bcachefs_ btree_cache_cannibalize_lock_fail_total btree_cache_cannibalize_lock_total
        node_bcachefs_ btree_cache_cannibalize_total btree_cache_cannibalize_unlock_total btree_cache_reap_total
        node_bcachefs_ btree_cache_scan_total btree_cache_size_bytes btree_key_cache_fill_total btree_node_alloc_total
        node_bcachefs_ btree_node_compact_total btree_node_free_total btree_node_merge_attempt_total
        node_bcachefs_ btree_node_merge_total btree_node_read_total btree_node_rewrite_total btree_node_set_root_total
        node_bcachefs_ btree_node_split_total btree_node_write_total btree_path_relock_fail_total
        node_bcachefs_ btree_path_upgrade_fail_total btree_reserve_get_fail_total btree_write_average_size_bytes
        node_bcachefs_ btree_writes_total bucket_alloc_fail_total bucket_alloc_from_stripe_total bucket_alloc_total
        node_bcachefs_ bucket_discard_fast_total bucket_discard_fast_worker_total bucket_discard_total
        node_bcachefs_ bucket_discard_worker_total bucket_invalidate_total cached_ptr_drop_total
        node_bcachefs_ compression_compressed_bytes compression_uncompressed_bytes copygc_total
        node_bcachefs_ copygc_wait_obsolete_total data_read_bounce_total data_read_fail_and_poison_total
        node_bcachefs_ data_read_hole_total data_read_inline_total data_read_narrow_crcs_fail_total
        node_bcachefs_ data_read_narrow_crcs_total data_read_nopromote_already_promoted_total
        node_bcachefs_ data_read_nopromote_congested_total data_read_nopromote_may_not_total data_read_nopromote_total
        node_bcachefs_ data_read_nopromote_unwritten_total data_read_promote_total data_read_retry_total
        node_bcachefs_ data_read_reuse_race_total data_read_split_total data_read_total data_update_fail_total
        node_bcachefs_ data_update_in_flight_total data_update_key_fail_total data_update_key_total
        node_bcachefs_ data_update_no_io_total data_update_noop_obsolete_total data_update_pred_total
        node_bcachefs_ data_update_read_total data_update_start_fail_obsolete_total data_update_total
        node_bcachefs_ data_update_useless_write_fail_total data_update_write_total data_write_total
        node_bcachefs_ device_bucket_size_bytes device_buckets device_durability device_info
        node_bcachefs_ device_io_done_bytes_total device_io_errors_total error_throw_total errors_total
        node_bcachefs_ evacuate_bucket_total fsync_total gc_gens_end_total gc_gens_start_total info journal_full_total
        node_bcachefs_ journal_reclaim_finish_total journal_reclaim_start_total journal_res_get_blocked_total
        node_bcachefs_ journal_write_total open_bucket_alloc_fail_total reconcile_btree_total
        node_bcachefs_ reconcile_clear_scan_total reconcile_data_total reconcile_phys_total
        node_bcachefs_ reconcile_scan_device_total reconcile_scan_fs_total reconcile_scan_inum_total
        node_bcachefs_ reconcile_scan_metadata_total reconcile_scan_pending_total reconcile_set_pending_total
        node_bcachefs_ sectors_alloc_total stripe_alloc_total stripe_create_fail_total stripe_create_total
        node_bcachefs_ stripe_delete_total stripe_reuse_total stripe_update_bucket_total
        node_bcachefs_ stripe_update_extent_fail_total stripe_update_extent_total sync_fs_total
        node_bcachefs_ trans_blocked_journal_reclaim_total trans_restart_btree_node_reused_total
        node_bcachefs_ trans_restart_btree_node_split_total trans_restart_fault_inject_total
        node_bcachefs_ trans_restart_injected_total trans_restart_iter_upgrade_total
        node_bcachefs_ trans_restart_journal_preres_get_total trans_restart_journal_reclaim_total
        node_bcachefs_ trans_restart_journal_res_get_total trans_restart_key_cache_key_realloced_total
        node_bcachefs_ trans_restart_key_cache_raced_total trans_restart_key_cache_upgrade_total
        node_bcachefs_ trans_restart_mark_replicas_total trans_restart_mem_realloced_total
        node_bcachefs_ trans_restart_memory_allocation_failure_total trans_restart_relock_after_fill_total
        node_bcachefs_ trans_restart_relock_key_cache_fill_obsolete_total trans_restart_relock_next_node_total
        node_bcachefs_ trans_restart_relock_parent_for_fill_obsolete_total trans_restart_relock_path_intent_total
        node_bcachefs_ trans_restart_relock_path_total trans_restart_relock_total trans_restart_split_race_total
        node_bcachefs_ trans_restart_too_many_iters_total trans_restart_traverse_total trans_restart_upgrade_total
        node_bcachefs_ trans_restart_would_deadlock_recursion_limit_total trans_restart_would_deadlock_total
        node_bcachefs_ trans_restart_would_deadlock_write_total trans_restart_write_buffer_flush_total
        node_bcachefs_ trans_traverse_all_total transaction_commit_total write_buffer_flush_slowpath_total
        node_bcachefs_ write_buffer_flush_sync_total write_buffer_flush_total write_buffer_maybe_flush_total
        node_bcachefs_ write_super_total
        node_btrfs_ allocation_ratio commit_seconds_total commits_total device_size_bytes global_rsv_size_bytes info
        node_btrfs_ last_commit_seconds max_commit_seconds reserved_bytes size_bytes used_bytes
        node_cpu_ bug_info core_throttles_total flag_info frequency_hertz guest_seconds_total info isolated
        node_cpu_ package_throttles_total scaling_frequency_hertz scaling_frequency_max_hertz
        node_cpu_ scaling_frequency_min_hertz scaling_governor seconds_total vulnerabilities_info
        node_disk_ ata_rotation_rate_rpm ata_write_cache ata_write_cache_enabled device_mapper_info
        node_disk_ discard_time_seconds_total discarded_sectors_total discards_completed_total discards_merged_total
        node_disk_ filesystem_info flush_requests_time_seconds_total flush_requests_total info io_now
        node_disk_ io_time_seconds_total io_time_weighted_seconds_total read_bytes_total read_time_seconds_total
        node_disk_ reads_completed_total reads_merged_total write_time_seconds_total writes_completed_total
        node_disk_ writes_merged_total written_bytes_total
        node_drbd_ activitylog_writes_total application_pending bitmap_writes_total connected disk_read_bytes_total
        node_drbd_ disk_state_is_up_to_date disk_written_bytes_total epochs local_pending network_received_bytes_total
        node_drbd_ network_sent_bytes_total node_role_is_primary out_of_sync_bytes remote_pending
        node_drbd_ remote_unacknowledged
        node_edac_ correctable_errors_total csrow_correctable_errors_total csrow_uncorrectable_errors_total
        node_edac_ uncorrectable_errors_total
        node_fibrechannel_ dumped_frames_total error_frames_total fcp_packet_aborts_total info invalid_crc_total
        node_fibrechannel_ invalid_tx_words_total link_failure_total loss_of_signal_total loss_of_sync_total nos_total
        node_fibrechannel_ rx_frames_total rx_words_total seconds_since_last_reset_total tx_frames_total
        node_fibrechannel_ tx_words_total
        node_filesystem_ avail_bytes device_error files files_free free_bytes mount_info purgeable_bytes readonly
        node_filesystem_ size_bytes
        node_hwmon_ chip_names fan_alarm fan_beep_enabled fan_manual fan_max_rpm fan_min_rpm fan_output fan_pulses
        node_hwmon_ fan_rpm fan_target_rpm fan_tolerance freq_freq_mhz in_alarm in_beep_enabled in_max_volts
        node_hwmon_ in_min_volts in_volts intrusion_alarm intrusion_beep_enabled pwm_auto_point1_pwm
        node_hwmon_ pwm_auto_point1_temp pwm_auto_point2_pwm pwm_auto_point2_temp pwm_auto_point3_pwm
        node_hwmon_ pwm_auto_point3_temp pwm_auto_point4_pwm pwm_auto_point4_temp pwm_auto_point5_pwm
        node_hwmon_ pwm_auto_point5_temp pwm_crit_temp_tolerance pwm_enable pwm_floor pwm_mode pwm_start
        node_hwmon_ pwm_step_down_time pwm_step_up_time pwm_stop_time pwm_target_temp pwm_temp_sel pwm_temp_tolerance
        node_hwmon_ pwm_weight_duty_base pwm_weight_duty_step pwm_weight_temp_sel pwm_weight_temp_step
        node_hwmon_ pwm_weight_temp_step_base pwm_weight_temp_step_tol sensor_label temp_celsius
        node_hwmon_ temp_crit_alarm_celsius temp_crit_celsius temp_max_celsius
        node_infiniband_ info legacy_data_received_bytes_total legacy_data_transmitted_bytes_total
        node_infiniband_ legacy_multicast_packets_received_total legacy_multicast_packets_transmitted_total
        node_infiniband_ legacy_packets_received_total legacy_packets_transmitted_total
        node_infiniband_ legacy_unicast_packets_received_total legacy_unicast_packets_transmitted_total
        node_infiniband_ link_downed_total link_error_recovery_total multicast_packets_received_total
        node_infiniband_ multicast_packets_transmitted_total physical_state_id port_constraint_errors_received_total
        node_infiniband_ port_constraint_errors_transmitted_total port_data_received_bytes_total
        node_infiniband_ port_data_transmitted_bytes_total port_discards_received_total
        node_infiniband_ port_discards_transmitted_total port_errors_received_total port_packets_received_total
        node_infiniband_ port_packets_transmitted_total port_transmit_wait_total rate_bytes_per_second state_id
        node_infiniband_ unicast_packets_received_total unicast_packets_transmitted_total
        node_ipvs_ backend_connections_active backend_connections_inactive backend_weight connections_total
        node_ipvs_ incoming_bytes_total incoming_packets_total outgoing_bytes_total outgoing_packets_total
        node_ksmd_ full_scans_total merge_across_nodes pages_shared pages_sharing pages_to_scan pages_unshared
        node_ksmd_ pages_volatile run sleep_seconds
        node_lnstat_ allocs_total chainlength_total clashres_total conn_reopened_total cookie_invalid_total
        node_lnstat_ cookie_retrans_total cookie_valid_total delete_list_total delete_total destroys_total drop_total
        node_lnstat_ early_drop_total entries_total expect_create_total expect_delete_total expect_new_total
        node_lnstat_ forced_gc_runs_total found_total gc_dst_overflow_total gc_goal_miss_total gc_ignored_total
        node_lnstat_ gc_total_total hash_grows_total hits_total icmp_error_total ignore_total in_brd_total
        node_lnstat_ in_hit_total in_hlist_search_total in_martian_dst_total in_martian_src_total in_no_route_total
        node_lnstat_ in_slow_mc_total in_slow_tot_total insert_failed_total insert_total invalid_total lookups_total
        node_lnstat_ new_total out_hit_total out_hlist_search_total out_slow_mc_total out_slow_tot_total
        node_lnstat_ periodic_gc_runs_total rcv_probes_mcast_total rcv_probes_ucast_total res_failed_total
        node_lnstat_ search_restart_total searched_total syn_received_total table_fulls_total
        node_lnstat_ unresolved_discards_total
        node_md_ blocks blocks_synced degraded disks disks_required raid_disks state
        node_memory_ Active_anon_bytes Active_bytes Active_file_bytes AnonHugePages_bytes AnonPages_bytes
        node_memory_ Balloon_bytes Bounce_bytes Buffers_bytes Cached_bytes CommitLimit_bytes Committed_AS_bytes
        node_memory_ DirectMap1G_bytes DirectMap2M_bytes DirectMap4k_bytes Dirty_bytes FileHugePages_bytes
        node_memory_ FilePmdMapped_bytes HardwareCorrupted_bytes HugePages_Free HugePages_Rsvd HugePages_Surp
        node_memory_ HugePages_Total Hugepagesize_bytes Hugetlb_bytes Inactive_anon_bytes Inactive_bytes
        node_memory_ Inactive_file_bytes KReclaimable_bytes KernelStack_bytes Mapped_bytes MemAvailable_bytes
        node_memory_ MemFree_bytes MemTotal_bytes Mlocked_bytes NFS_Unstable_bytes PageTables_bytes Percpu_bytes
        node_memory_ SReclaimable_bytes SUnreclaim_bytes SecPageTables_bytes ShmemHugePages_bytes ShmemPmdMapped_bytes
        node_memory_ Shmem_bytes Slab_bytes SwapCached_bytes SwapFree_bytes SwapTotal_bytes Unevictable_bytes
        node_memory_ VmallocChunk_bytes VmallocTotal_bytes VmallocUsed_bytes WritebackTmp_bytes Writeback_bytes
        node_memory_ Zswap_bytes Zswapped_bytes numa_Active numa_Active_anon numa_Active_file numa_AnonHugePages
        node_memory_ numa_AnonPages numa_Bounce numa_Dirty numa_FileHugePages numa_FilePages numa_FilePmdMapped
        node_memory_ numa_HugePages_Free numa_HugePages_Surp numa_HugePages_Total numa_Inactive numa_Inactive_anon
        node_memory_ numa_Inactive_file numa_KReclaimable numa_KernelStack numa_Mapped numa_MemFree numa_MemTotal
        node_memory_ numa_MemUsed numa_Mlocked numa_NFS_Unstable numa_PageTables numa_SReclaimable numa_SUnreclaim
        node_memory_ numa_SecPageTables numa_Shmem numa_ShmemHugePages numa_ShmemPmdMapped numa_Slab numa_SwapCached
        node_memory_ numa_Unevictable numa_Writeback numa_WritebackTmp numa_interleave_hit_total numa_local_node_total
        node_memory_ numa_numa_foreign_total numa_numa_hit_total numa_numa_miss_total numa_other_node_total
        node_mountstats_ nfs_age_seconds_total nfs_direct_read_bytes_total nfs_direct_write_bytes_total
        node_mountstats_ nfs_event_attribute_invalidate_total nfs_event_data_invalidate_total
        node_mountstats_ nfs_event_dnode_revalidate_total nfs_event_inode_revalidate_total
        node_mountstats_ nfs_event_jukebox_delay_total nfs_event_pnfs_read_total nfs_event_pnfs_write_total
        node_mountstats_ nfs_event_short_read_total nfs_event_short_write_total nfs_event_silly_rename_total
        node_mountstats_ nfs_event_truncation_total nfs_event_vfs_access_total nfs_event_vfs_file_release_total
        node_mountstats_ nfs_event_vfs_flush_total nfs_event_vfs_fsync_total nfs_event_vfs_getdents_total
        node_mountstats_ nfs_event_vfs_lock_total nfs_event_vfs_lookup_total nfs_event_vfs_open_total
        node_mountstats_ nfs_event_vfs_read_page_total nfs_event_vfs_read_pages_total nfs_event_vfs_setattr_total
        node_mountstats_ nfs_event_vfs_update_page_total nfs_event_vfs_write_page_total
        node_mountstats_ nfs_event_vfs_write_pages_total nfs_event_write_extension_total
        node_mountstats_ nfs_operations_major_timeouts_total nfs_operations_queue_time_seconds_total
        node_mountstats_ nfs_operations_received_bytes_total nfs_operations_request_time_seconds_total
        node_mountstats_ nfs_operations_requests_total nfs_operations_response_time_seconds_total
        node_mountstats_ nfs_operations_sent_bytes_total nfs_operations_transmissions_total nfs_read_bytes_total
        node_mountstats_ nfs_read_pages_total nfs_total_read_bytes_total nfs_total_write_bytes_total
        node_mountstats_ nfs_transport_backlog_queue_total nfs_transport_bad_transaction_ids_total
        node_mountstats_ nfs_transport_bind_total nfs_transport_connect_total nfs_transport_idle_time_seconds
        node_mountstats_ nfs_transport_maximum_rpc_slots nfs_transport_pending_queue_total
        node_mountstats_ nfs_transport_receives_total nfs_transport_sending_queue_total nfs_transport_sends_total
        node_mountstats_ nfs_write_bytes_total nfs_write_pages_total
        node_netstat_ Icmp6_InErrors Icmp6_InMsgs Icmp6_OutMsgs Icmp_InErrors Icmp_InMsgs Icmp_OutMsgs Ip6_InOctets
        node_netstat_ Ip6_OutOctets IpExt_InOctets IpExt_OutOctets Ip_Forwarding TcpExt_ListenDrops
        node_netstat_ TcpExt_ListenOverflows TcpExt_SyncookiesFailed TcpExt_SyncookiesRecv TcpExt_SyncookiesSent
        node_netstat_ TcpExt_TCPOFOQueue TcpExt_TCPRcvQDrop TcpExt_TCPSynRetrans TcpExt_TCPTimeouts Tcp_ActiveOpens
        node_netstat_ Tcp_CurrEstab Tcp_InErrs Tcp_InSegs Tcp_OutRsts Tcp_OutSegs Tcp_PassiveOpens Tcp_RetransSegs
        node_netstat_ Udp6_InDatagrams Udp6_InErrors Udp6_NoPorts Udp6_OutDatagrams Udp6_RcvbufErrors
        node_netstat_ Udp6_SndbufErrors UdpLite6_InErrors UdpLite_InErrors Udp_InDatagrams Udp_InErrors Udp_NoPorts
        node_netstat_ Udp_OutDatagrams Udp_RcvbufErrors Udp_SndbufErrors
        node_network_ address_assign_type carrier carrier_changes_total carrier_down_changes_total
        node_network_ carrier_up_changes_total device_id dormant flags iface_id iface_link iface_link_mode info
        node_network_ mtu_bytes name_assign_type net_dev_group protocol_type receive_bytes_total
        node_network_ receive_compressed_total receive_drop_total receive_errs_total receive_fifo_total
        node_network_ receive_frame_total receive_multicast_total receive_nohandler_total receive_packets_total
        node_network_ route_info routes speed_bytes transmit_bytes_total transmit_carrier_total transmit_colls_total
        node_network_ transmit_compressed_total transmit_drop_total transmit_errs_total transmit_fifo_total
        node_network_ transmit_packets_total transmit_queue_length up
        node_nf_ conntrack_entries conntrack_entries_limit conntrack_stat_drop conntrack_stat_early_drop
        node_nf_ conntrack_stat_found conntrack_stat_ignore conntrack_stat_insert conntrack_stat_insert_failed
        node_nf_ conntrack_stat_invalid conntrack_stat_search_restart
        node_nfs_ connections_total packets_total requests_total rpc_authentication_refreshes_total
        node_nfs_ rpc_retransmissions_total rpcs_total
        node_nfsd_ connections_total disk_bytes_read_total disk_bytes_written_total file_handles_stale_total
        node_nfsd_ packets_total read_ahead_cache_not_found_total read_ahead_cache_size_blocks reply_cache_hits_total
        node_nfsd_ reply_cache_misses_total reply_cache_nocache_total requests_total rpc_errors_total
        node_nfsd_ server_rpcs_total server_threads
        node_nvme_ info namespace_capacity_bytes namespace_info namespace_logical_block_size_bytes
        node_nvme_ namespace_size_bytes namespace_used_bytes
        node_pcidevice_ current_link_transfers_per_second current_link_width d3cold_allowed info
        node_pcidevice_ max_link_transfers_per_second max_link_width numa_node power_state sriov_drivers_autoprobe
        node_pcidevice_ sriov_numvfs sriov_totalvfs sriov_vf_total_msix
        node_power_ supply_capacity supply_cyclecount supply_energy_full supply_energy_full_design
        node_power_ supply_energy_watthour supply_info supply_online supply_power_watt supply_present
        node_power_ supply_voltage_min_design supply_voltage_volt
        node_pressure_ cpu_waiting_seconds_total io_stalled_seconds_total io_waiting_seconds_total
        node_pressure_ irq_stalled_seconds_total memory_stalled_seconds_total memory_waiting_seconds_total
        node_processes_ max_processes max_threads pids state threads threads_state
        node_qdisc_ backlog bytes_total current_queue_length drops_total overlimits_total packets_total requeues_total
        node_schedstat_ running_seconds_total timeslices_total waiting_seconds_total
        node_slabinfo_ active_objects object_size_bytes objects objects_per_slab pages_per_slab
        node_sockstat_ FRAG6_inuse FRAG6_memory FRAG_inuse FRAG_memory RAW6_inuse RAW_inuse TCP6_inuse TCP_alloc
        node_sockstat_ TCP_inuse TCP_mem TCP_mem_bytes TCP_orphan TCP_tw UDP6_inuse UDPLITE6_inuse UDPLITE_inuse
        node_sockstat_ UDP_inuse UDP_mem UDP_mem_bytes sockets_used
        node_softnet_ backlog_len cpu_collision_total dropped_total flow_limit_count_total processed_total
        node_softnet_ received_rps_total times_squeezed_total
        node_sysctl_ fs_file_nr fs_file_nr_current fs_file_nr_max fs_file_nr_total info kernel_threads_max
        node_tape_ io_now io_others_total io_time_seconds_total read_bytes_total read_time_seconds_total
        node_tape_ reads_completed_total residual_total write_time_seconds_total writes_completed_total
        node_tape_ written_bytes_total
        node_time_ clocksource_available_info clocksource_current_info seconds zone_offset_seconds
        node_timex_ estimated_error_seconds frequency_adjustment_ratio loop_time_constant maxerror_seconds
        node_timex_ offset_seconds pps_calibration_total pps_error_total pps_frequency_hertz pps_jitter_seconds
        node_timex_ pps_jitter_total pps_shift_seconds pps_stability_exceeded_total pps_stability_hertz status
        node_timex_ sync_status tai_offset_seconds tick_seconds
        node_vmstat_ oom_kill pgfault pgmajfault pgpgin pgpgout pswpin pswpout
        node_watchdog_ access_cs0 bootstatus fw_version info nowayout pretimeout_seconds timeleft_seconds
        node_watchdog_ timeout_seconds
        node_wifi_ interface_frequency_hertz station_beacon_loss_total station_connected_seconds_total
        node_wifi_ station_inactive_seconds station_info station_receive_bits_per_second station_receive_bytes_total
        node_wifi_ station_received_packets_total station_signal_dbm station_transmit_bits_per_second
        node_wifi_ station_transmit_bytes_total station_transmit_failed_total station_transmit_retries_total
        node_wifi_ station_transmitted_packets_total
        node_xfrm_ acquire_error_packets_total fwd_hdr_error_packets_total in_buffer_error_packets_total
        node_xfrm_ in_error_packets_total in_hdr_error_packets_total in_no_pols_packets_total
        node_xfrm_ in_no_states_packets_total in_pol_block_packets_total in_pol_error_packets_total
        node_xfrm_ in_state_expired_packets_total in_state_invalid_packets_total in_state_mismatch_packets_total
        node_xfrm_ in_state_mode_error_packets_total in_state_proto_error_packets_total
        node_xfrm_ in_state_seq_error_packets_total in_tmpl_mismatch_packets_total
        node_xfrm_ out_bundle_check_error_packets_total out_bundle_gen_error_packets_total out_error_packets_total
        node_xfrm_ out_no_states_packets_total out_pol_block_packets_total out_pol_dead_packets_total
        node_xfrm_ out_pol_error_packets_total out_state_expired_packets_total out_state_invalid_packets_total
        node_xfrm_ out_state_mode_error_packets_total out_state_proto_error_packets_total
        node_xfrm_ out_state_seq_error_packets_total
        node_xfs_ allocation_btree_compares_total allocation_btree_lookups_total
        node_xfs_ allocation_btree_records_deleted_total allocation_btree_records_inserted_total
        node_xfs_ block_map_btree_compares_total block_map_btree_lookups_total block_map_btree_records_deleted_total
        node_xfs_ block_map_btree_records_inserted_total block_mapping_extent_list_compares_total
        node_xfs_ block_mapping_extent_list_deletions_total block_mapping_extent_list_insertions_total
        node_xfs_ block_mapping_extent_list_lookups_total block_mapping_reads_total block_mapping_unmaps_total
        node_xfs_ block_mapping_writes_total directory_operation_create_total directory_operation_getdents_total
        node_xfs_ directory_operation_lookup_total directory_operation_remove_total
        node_xfs_ extent_allocation_blocks_allocated_total extent_allocation_blocks_freed_total
        node_xfs_ extent_allocation_extents_allocated_total extent_allocation_extents_freed_total
        node_xfs_ inode_operation_attempts_total inode_operation_attribute_changes_total
        node_xfs_ inode_operation_duplicates_total inode_operation_found_total inode_operation_missed_total
        node_xfs_ inode_operation_reclaims_total inode_operation_recycled_total read_calls_total vnode_active_total
        node_xfs_ vnode_allocate_total vnode_get_total vnode_hold_total vnode_reclaim_total vnode_release_total
        node_xfs_ vnode_remove_total write_calls_total
        node_zfs_ abd_linear_cnt abd_linear_data_size abd_scatter_chunk_waste abd_scatter_cnt abd_scatter_data_size
        node_zfs_ abd_scatter_order_0 abd_scatter_order_1 abd_scatter_order_10 abd_scatter_order_2 abd_scatter_order_3
        node_zfs_ abd_scatter_order_4 abd_scatter_order_5 abd_scatter_order_6 abd_scatter_order_7 abd_scatter_order_8
        node_zfs_ abd_scatter_order_9 abd_scatter_page_alloc_retry abd_scatter_page_multi_chunk
        node_zfs_ abd_scatter_page_multi_zone abd_scatter_sg_table_retry abd_struct_size arc_anon_evictable_data
        node_zfs_ arc_anon_evictable_metadata arc_anon_size arc_arc_loaned_bytes arc_arc_meta_limit arc_arc_meta_max
        node_zfs_ arc_arc_meta_min arc_arc_meta_used arc_arc_need_free arc_arc_no_grow arc_arc_prune arc_arc_sys_free
        node_zfs_ arc_arc_tempreserve arc_c arc_c_max arc_c_min arc_data_size arc_deleted arc_demand_data_hits
        node_zfs_ arc_demand_data_misses arc_demand_metadata_hits arc_demand_metadata_misses arc_duplicate_buffers
        node_zfs_ arc_duplicate_buffers_size arc_duplicate_reads arc_evict_l2_cached arc_evict_l2_eligible
        node_zfs_ arc_evict_l2_ineligible arc_evict_l2_skip arc_evict_not_enough arc_evict_skip arc_hash_chain_max
        node_zfs_ arc_hash_chains arc_hash_collisions arc_hash_elements arc_hash_elements_max arc_hdr_size arc_hits
        node_zfs_ arc_l2_abort_lowmem arc_l2_asize arc_l2_cdata_free_on_write arc_l2_cksum_bad
        node_zfs_ arc_l2_compress_failures arc_l2_compress_successes arc_l2_compress_zeros arc_l2_evict_l1cached
        node_zfs_ arc_l2_evict_lock_retry arc_l2_evict_reading arc_l2_feeds arc_l2_free_on_write arc_l2_hdr_size
        node_zfs_ arc_l2_hits arc_l2_io_error arc_l2_misses arc_l2_read_bytes arc_l2_rw_clash arc_l2_size
        node_zfs_ arc_l2_write_bytes arc_l2_writes_done arc_l2_writes_error arc_l2_writes_lock_retry
        node_zfs_ arc_l2_writes_sent arc_memory_available_bytes arc_memory_direct_count arc_memory_indirect_count
        node_zfs_ arc_memory_throttle_count arc_metadata_size arc_mfu_evictable_data arc_mfu_evictable_metadata
        node_zfs_ arc_mfu_ghost_evictable_data arc_mfu_ghost_evictable_metadata arc_mfu_ghost_hits arc_mfu_ghost_size
        node_zfs_ arc_mfu_hits arc_mfu_size arc_misses arc_mru_evictable_data arc_mru_evictable_metadata
        node_zfs_ arc_mru_ghost_evictable_data arc_mru_ghost_evictable_metadata arc_mru_ghost_hits arc_mru_ghost_size
        node_zfs_ arc_mru_hits arc_mru_size arc_mutex_miss arc_other_size arc_p arc_prefetch_data_hits
        node_zfs_ arc_prefetch_data_misses arc_prefetch_metadata_hits arc_prefetch_metadata_misses arc_size
        node_zfs_ dbuf_dbuf_cache_count dbuf_dbuf_cache_hiwater_bytes dbuf_dbuf_cache_level_0
        node_zfs_ dbuf_dbuf_cache_level_0_bytes dbuf_dbuf_cache_level_1 dbuf_dbuf_cache_level_10
        node_zfs_ dbuf_dbuf_cache_level_10_bytes dbuf_dbuf_cache_level_11 dbuf_dbuf_cache_level_11_bytes
        node_zfs_ dbuf_dbuf_cache_level_1_bytes dbuf_dbuf_cache_level_2 dbuf_dbuf_cache_level_2_bytes
        node_zfs_ dbuf_dbuf_cache_level_3 dbuf_dbuf_cache_level_3_bytes dbuf_dbuf_cache_level_4
        node_zfs_ dbuf_dbuf_cache_level_4_bytes dbuf_dbuf_cache_level_5 dbuf_dbuf_cache_level_5_bytes
        node_zfs_ dbuf_dbuf_cache_level_6 dbuf_dbuf_cache_level_6_bytes dbuf_dbuf_cache_level_7
        node_zfs_ dbuf_dbuf_cache_level_7_bytes dbuf_dbuf_cache_level_8 dbuf_dbuf_cache_level_8_bytes
        node_zfs_ dbuf_dbuf_cache_level_9 dbuf_dbuf_cache_level_9_bytes dbuf_dbuf_cache_lowater_bytes
        node_zfs_ dbuf_dbuf_cache_max_bytes dbuf_dbuf_cache_size dbuf_dbuf_cache_size_max dbuf_dbuf_cache_total_evicts
        node_zfs_ dbuf_hash_chain_max dbuf_hash_chains dbuf_hash_collisions dbuf_hash_dbuf_level_0
        node_zfs_ dbuf_hash_dbuf_level_0_bytes dbuf_hash_dbuf_level_1 dbuf_hash_dbuf_level_10
        node_zfs_ dbuf_hash_dbuf_level_10_bytes dbuf_hash_dbuf_level_11 dbuf_hash_dbuf_level_11_bytes
        node_zfs_ dbuf_hash_dbuf_level_1_bytes dbuf_hash_dbuf_level_2 dbuf_hash_dbuf_level_2_bytes
        node_zfs_ dbuf_hash_dbuf_level_3 dbuf_hash_dbuf_level_3_bytes dbuf_hash_dbuf_level_4
        node_zfs_ dbuf_hash_dbuf_level_4_bytes dbuf_hash_dbuf_level_5 dbuf_hash_dbuf_level_5_bytes
        node_zfs_ dbuf_hash_dbuf_level_6 dbuf_hash_dbuf_level_6_bytes dbuf_hash_dbuf_level_7
        node_zfs_ dbuf_hash_dbuf_level_7_bytes dbuf_hash_dbuf_level_8 dbuf_hash_dbuf_level_8_bytes
        node_zfs_ dbuf_hash_dbuf_level_9 dbuf_hash_dbuf_level_9_bytes dbuf_hash_elements dbuf_hash_elements_max
        node_zfs_ dbuf_hash_hits dbuf_hash_insert_race dbuf_hash_misses dmu_tx_dmu_tx_assigned dmu_tx_dmu_tx_delay
        node_zfs_ dmu_tx_dmu_tx_dirty_delay dmu_tx_dmu_tx_dirty_over_max dmu_tx_dmu_tx_dirty_throttle
        node_zfs_ dmu_tx_dmu_tx_error dmu_tx_dmu_tx_group dmu_tx_dmu_tx_memory_reclaim dmu_tx_dmu_tx_memory_reserve
        node_zfs_ dmu_tx_dmu_tx_quota dmu_tx_dmu_tx_suspended dnode_dnode_alloc_next_block
        node_zfs_ dnode_dnode_alloc_next_chunk dnode_dnode_alloc_race dnode_dnode_allocate dnode_dnode_buf_evict
        node_zfs_ dnode_dnode_hold_alloc_hits dnode_dnode_hold_alloc_interior dnode_dnode_hold_alloc_lock_misses
        node_zfs_ dnode_dnode_hold_alloc_lock_retry dnode_dnode_hold_alloc_misses dnode_dnode_hold_alloc_type_none
        node_zfs_ dnode_dnode_hold_dbuf_hold dnode_dnode_hold_dbuf_read dnode_dnode_hold_free_hits
        node_zfs_ dnode_dnode_hold_free_lock_misses dnode_dnode_hold_free_lock_retry dnode_dnode_hold_free_misses
        node_zfs_ dnode_dnode_hold_free_overflow dnode_dnode_hold_free_refcount dnode_dnode_hold_free_txg
        node_zfs_ dnode_dnode_move_active dnode_dnode_move_handle dnode_dnode_move_invalid dnode_dnode_move_recheck1
        node_zfs_ dnode_dnode_move_recheck2 dnode_dnode_move_rwlock dnode_dnode_move_special dnode_dnode_reallocate
        node_zfs_ fm_erpt_dropped fm_erpt_set_failed fm_fmri_set_failed fm_payload_set_failed vdev_cache_delegations
        node_zfs_ vdev_cache_hits vdev_cache_misses vdev_mirror_non_rotating_linear vdev_mirror_non_rotating_seek
        node_zfs_ vdev_mirror_preferred_found vdev_mirror_preferred_not_found vdev_mirror_rotating_linear
        node_zfs_ vdev_mirror_rotating_offset vdev_mirror_rotating_seek xuio_onloan_read_buf xuio_onloan_write_buf
        node_zfs_ xuio_read_buf_copied xuio_read_buf_nocopy xuio_write_buf_copied xuio_write_buf_nocopy
        node_zfs_ zfetch_bogus_streams zfetch_colinear_hits zfetch_colinear_misses zfetch_hits zfetch_misses
        node_zfs_ zfetch_reclaim_failures zfetch_reclaim_successes zfetch_streams_noresets zfetch_streams_resets
        node_zfs_ zfetch_stride_hits zfetch_stride_misses zil_zil_commit_count zil_zil_commit_writer_count
        node_zfs_ zil_zil_itx_copied_bytes zil_zil_itx_copied_count zil_zil_itx_count zil_zil_itx_indirect_bytes
        node_zfs_ zil_zil_itx_indirect_count zil_zil_itx_metaslab_normal_bytes zil_zil_itx_metaslab_normal_count
        node_zfs_ zil_zil_itx_metaslab_slog_bytes zil_zil_itx_metaslab_slog_count zil_zil_itx_needcopy_bytes
        node_zfs_ zil_zil_itx_needcopy_count zpool_dataset_nread zpool_dataset_nunlinked zpool_dataset_nunlinks
        node_zfs_ zpool_dataset_nwritten zpool_dataset_reads zpool_dataset_writes zpool_nread zpool_nwritten
        node_zfs_ zpool_rcnt zpool_reads zpool_rlentime zpool_rtime zpool_rupdate zpool_state zpool_wcnt
        node_zfs_ zpool_wlentime zpool_writes zpool_wtime zpool_wupdate
        node_zoneinfo_ high_pages low_pages managed_pages min_pages nr_active_anon_pages nr_active_file_pages
        node_zoneinfo_ nr_anon_pages nr_anon_transparent_hugepages nr_dirtied_total nr_dirty_pages nr_file_pages
        node_zoneinfo_ nr_free_pages nr_inactive_anon_pages nr_inactive_file_pages nr_isolated_anon_pages
        node_zoneinfo_ nr_isolated_file_pages nr_kernel_stacks nr_mapped_pages nr_shmem_pages
        node_zoneinfo_ nr_slab_reclaimable_pages nr_slab_unreclaimable_pages nr_unevictable_pages nr_writeback_pages
        node_zoneinfo_ nr_written_total numa_foreign_total numa_hit_total numa_interleave_total numa_local_total
        node_zoneinfo_ numa_miss_total numa_other_total present_pages protection_0 protection_1 protection_2
        node_zoneinfo_ protection_3 protection_4 spanned_pages
        process_ cpu_seconds_total max_fds network_receive_bytes_total network_transmit_bytes_total open_fds
        process_ resident_memory_bytes start_time_seconds virtual_memory_bytes virtual_memory_max_bytes
        promhttp_metric_ handler_errors_total handler_requests_in_flight handler_requests_total
        """
}

// The columns of PAN-OS syslog by log type, from the seventh on (the first seven are the same in all), as ECS fields.
// "Syslog Field Descriptions", PAN-OS 9.1 to 11.1 (docs.paloaltonetworks.com/pan-os/11-1/pan-os-admin/monitoring/use-syslog-for-monitoring).
// Newer releases only append columns, so one map serves all. '' is a column that no ECS field takes; `=name` is kept as panw.panos.name.

/** Columns 7 to 30 that traffic, threat and decryption share. */
const flow =
  'source:address|destination:address|=source.nat.ip|=destination.nat.ip|rule.name|=source.user|=destination.user|network.application|=virtual_sys|observer.ingress.zone|observer.egress.zone|' +
  'observer.ingress.interface.name|observer.egress.interface.name|=log_profile||=flow_id|=repeat_count|source.port:port|destination.port:port|=source.nat.port|=destination.nat.port|=flags|network:transport|=action'

/** One asset on each end: category, profile, model, vendor, OS, its version, host, MAC. */
const device = (side: string) =>
  `=${side}.device_category|=${side}.device_profile|=${side}.device_model|=${side}.device_vendor|=${side}.device_os_family|=${side}.device_os_version|=${side}.device_host|${side}.mac:mac`
const groups = '=dg_hier_level_1|=dg_hier_level_2|=dg_hier_level_3|=dg_hier_level_4|=vsys_name|observer.hostname'
const application =
  '=application_subcategory|=application_category|=application_technology|=application_risk|=application_characteristics|=application_container|=tunneled_application|=application_is_saas|=application_is_sanctioned'

const maps: Readonly<Record<string, string>> = {
  TRAFFIC:
    `${flow}|network.bytes:count|source.bytes:count|destination.bytes:count|network.packets:count|=start|=elapsed|=url.category||=sequence_number|=action_flags|=source.location|=destination.location||` +
    `source.packets:count|destination.packets:count|event.reason|${groups}|=action_source|=source.vm_uuid|=destination.vm_uuid|=tunnel_id|=monitor_tag|=parent_session.id|=parent_session.start_time|=tunnel_type|` +
    `=sctp.assoc_id|=sctp.chunks|=sctp.chunks_sent|=sctp.chunks_received|rule.uuid|=http2_connection|=link_change_count|=policy_id|=link_switches|=sdwan_cluster|=sdwan_device_type|=sdwan_cluster_type|=sdwan_site|` +
    `=dynusergroup_name|=xff.ip|${device('source')}|${device('destination')}|container.id|orchestrator.namespace|orchestrator.resource.name|=source.edl|=destination.edl|=hostid|=host_serial|` +
    `=source.dag|=destination.dag|=session_owner|=time|=nssai_sst|=nssai_sd|${application}|=offloaded`,
  THREAT:
    `${flow}|=misc|=threat.id_text|=url.category|log.level|=direction|=sequence_number|=action_flags|=source.location|=destination.location||=content_type|=pcap_id|=file.hash|=wildfire.cloud|=url_index|` +
    `user_agent.original|=file.type|=xff.address|http.request.referrer|email.from.address|email.subject|email.to.address|=wildfire.report_id|${groups}||=source.vm_uuid|=destination.vm_uuid|` +
    `http.request.method|=tunnel_id|=monitor_tag|=parent_session.id|=parent_session.start_time|=tunnel_type|=threat_category|=content_version||=sctp.assoc_id|=payload_protocol|=http_headers|=url.category_list|` +
    `rule.uuid|=http2_connection|=dynusergroup_name|=xff.ip|${device('source')}|${device('destination')}|container.id|orchestrator.namespace|orchestrator.resource.name|=source.edl|=destination.edl|=hostid|=host_serial|` +
    `=domain_edl|=source.dag|=destination.dag|=partial_hash|=time|event.reason|=justification|=nssai_sst|${application}`,
  DECRYPTION:
    `${flow}|=tunnel_type|||=source.vm_uuid|=destination.vm_uuid|rule.uuid|=tls.stage_client|=tls.stage_server|=tls.version|=tls.key_exchange|tls.cipher|=tls.auth|=policy_name|tls.curve|=error_index|=root_status|` +
    '=chain_status|=proxy_type|tls.client.x509.serial_number|tls.client.hash.sha256|=cert.not_before|=cert.not_after|tls.client.x509.version_number|tls.client.x509.public_key_size:count|=cn_length|=issuer_length|' +
    '=root_cn_length|=sni_length|=cert_flags|tls.client.x509.subject.common_name|tls.client.x509.issuer.common_name|=cert.root_cn|tls.client.server_name|=error|container.id|orchestrator.namespace|orchestrator.resource.name|' +
    `=source.edl|=destination.edl|=source.dag|=destination.dag|=time|${device('source')}|${device('destination')}|=sequence_number|=action_flags|${groups}|=vsys_id|${application}`,
  SYSTEM: `=virtual_sys|=event_id|=object|||=module|log.level|=description|=sequence_number|=action_flags|${groups}|||=time`,
  GLOBALPROTECT:
    '=virtual_sys|=event_id|=stage|=auth_method|=tunnel_type|=source.user|=source.region|=machine_name|=public_ip|=public_ipv6|=private_ip|=private_ipv6|host.id|=serial|=client_version|=client_os|=client_os_version|=repeat_count|' +
    `event.reason|=error|=description|=status|=location|=login_duration|=connect_method|=error_code|=portal|=sequence_number|=action_flags|=time|=selection_type|=response_time|=priority|=attempted_gateways|=gateway|${groups}|=vsys_id`,
  USERID: `=virtual_sys|source:address|=source.user|=data_source|=event_id|=repeat_count|=timeout|=begin_port|=end_port|=data_source_type|=data_source_name|=sequence_number|=action_flags|${groups}|=vsys_id|=factor_type|=factor_time|=factor_number|||=ug_flags|=user_by_source|=tag_name|=time`,
  AUTHENTICATION: `=virtual_sys|source:address|=source.user|=normalised_user|=object|=policy|=repeat_count|=auth_id|=vendor|=log_profile|=server_profile|=description|=client_type|=event_type|=factor_number|=sequence_number|=action_flags|${groups}|=vsys_id|=auth_protocol|rule.uuid|=time`,
  HIPMATCH: `=source.user|=virtual_sys|=machine_name|=client_os|source:address|=hip_match|=repeat_count|=match_type|||=sequence_number|=action_flags|${groups}|=vsys_id|=source.ipv6|host.id|=serial|host.mac:mac|=time`,
  CORRELATION: `source:address|=source.user|=virtual_sys|=category|log.level|${groups}|=vsys_id|=object_name|=object_id|=description`,
  IPTAG: `=virtual_sys|source:address|=tag_name|=event_id|=repeat_count|=timeout|=data_source|=data_source_type|=data_source_subtype|=sequence_number|=action_flags|${groups}|=vsys_id|=time`,
  GTP:
    'source:address|destination:address|||rule.name|||network.application|=virtual_sys|observer.ingress.zone|observer.egress.zone|observer.ingress.interface.name|observer.egress.interface.name|=log_profile||=flow_id||source.port:port|' +
    'destination.port:port||||network:transport|=action|=event_type|=msisdn|=apn|=rat|=message_type|=end_user_ip',
  SCTP:
    'source:address|destination:address|||rule.name||||=virtual_sys|observer.ingress.zone|observer.egress.zone|observer.ingress.interface.name|observer.egress.interface.name|=log_profile||=flow_id|=repeat_count|source.port:port|' +
    `destination.port:port|||||network:transport|=action|${groups}|=sequence_number||=assoc_id|=payload_protocol|log.level|=chunk_type||=tag_1|=tag_2|=diameter_cause|=diameter_app|=diameter_command|=diameter_avp|=stream_id|` +
    '=end_reason|=op_code|=ssn|=sgt|=filter|=chunks|=chunks_sent|=chunks_received|network.packets:count|source.packets:count|destination.packets:count|rule.uuid|=time',
}

export interface Column {
  /** `path` or `path:kind` of fieldTable. */
  target: string | undefined
  /** Name under panw.panos. */
  own: string | undefined
}

export const columnsByType: ReadonlyMap<string, readonly Column[]> = new Map(
  Object.entries(maps).map(([type, map]) => [
    type,
    map
      .split('|')
      .map((name) =>
        name === ''
          ? { target: undefined, own: undefined }
          : name.startsWith('=')
            ? { target: undefined, own: name.slice(1) }
            : { target: name, own: undefined },
      ),
  ]),
)

// Names under which vendors write the same few facts, and the ECS field each means: the first name of a row is the surest.
// From ArcSight's CEF dictionary, IBM's LEEF attributes, the W3C extended log format, Splunk's CIM, Microsoft's ASIM and Sigma's taxonomy.

/**
 * How a value must look to be taken, and how it is written. Names that many programs use for other things than the field's
 * (`uid` of a connection, `service` of an application, `domain` of a directory) have a kind that takes only values that can be meant.
 */
const kinds = [
  'address',
  'ip',
  'port',
  'mac',
  'user',
  'userid',
  'accountnumber',
  'email',
  'mails',
  'text',
  'lower',
  'upper',
  'count',
  'transport',
  'protocol',
  'service',
  'direction',
  'action',
  'outcome',
  'severity',
  'code',
  'url',
  'path',
  'image',
  'hash',
  'time',
  'status',
  'host',
  'domain',
  'local',
  'remote',
] as const
export type AliasKind = (typeof kinds)[number]

export interface Alias {
  field: string
  kind: AliasKind
  /** Lower wins where two names of one record mean the same field. */
  rank: number
}

const rows = `
source address src srcip sourceip c-ip srcaddr srcaddress sourceaddress sourceipaddress srcipaddress srcipaddr srcipv4 sourceipv4 srcipv6 clientip clientipaddress clientaddress clientaddr cltip cltsip callerip calleripaddress callingip attackerip attackeraddress actoripaddress actorip userip useripaddress initiatorip initiatoraddress loginip originip originatingip fromip sourcenetworkaddress accessip requestip requesterip peerip peeraddress ipaddress ipaddr originatingipaddress machineip senderip senderipaddress xforwardedfor rhost rhostname remote_addr idorigh client accessdeviceip sourceips clientips
destination address dst dstip destip destinationip s-ip dstaddr dstaddress destaddress destinationaddress destinationipaddress destipaddress dstipaddress dstipaddr dstipv4 destipv4 destinationipv4 dstipv6 serverip serveraddress serveripaddress targetip targetaddress targetipaddress victimip responderip responderaddress toip idresph
source remote remoteip remoteaddress remoteaddr remip remoteipaddress remotehostip
source local localip localaddress locip localipaddress localhostip
source.port remote remoteport
source.port local localport
source.port port srcport sourceport spt sport c-port clientport cltport sourcetcpport initiatorport peerport idorigp clientsrcport
destination.port port dstport destport destinationport dpt dport s-port serverport targetport responderport destinationtcpport idrespp
source.nat.ip ip sourcetranslatedaddress natsrcip srcnatip translatedsrcip transip natsourceip natsrcaddress xlatesrc srcxlatedip sourcenataddress natsourceaddress snatip
destination.nat.ip ip destinationtranslatedaddress natdstip dstnatip translateddstip natdestinationip natdstaddress xlatedst dstxlatedip destinationnataddress natdestinationaddress dnatip
source.nat.port port sourcetranslatedport natsrcport natsourceport xlatesport srcnatport
destination.nat.port port destinationtranslatedport natdstport natdestinationport xlatedport dstnatport
source.mac mac srcmac smac sourcemac sourcemacaddress srcmacaddr clientmac clientmacaddress macaddress mac callingstationid
destination.mac mac dstmac dmac destmac destinationmac destinationmacaddress dstmacaddr
source.domain host shost srchost srchostname sourcehost sourcehostname sourcedomain srcdomain srcname clienthost clienthostname workstation workstationname
destination.domain host dhost dsthost dsthostname desthost desthostname destinationhost destinationhostname dstname destinationdomain dstdomain serverhost serverhostname targethost targethostname
source.bytes count srcbytes sourcebytes bytesout sentbyte sentbytes bytessent byteout outbytes bytestoserver cs-bytes requestbytes uploadbytes reqsize requestsize totalbytessent
destination.bytes count dstbytes destinationbytes bytesin rcvdbyte rcvdbytes receivedbytes bytesreceived recvbytes inbytes bytestoclient sc-bytes responsebytes downloadbytes respsize responsesize totalbytesreceived
source.packets count srcpackets sourcepackets sentpkt packetssent packetsout pktsout pktstoserver
destination.packets count dstpackets destinationpackets rcvdpkt packetsreceived packetsin pktsin pktstoclient
network.bytes count totalbytes bytestotal bytes
network.packets count totalpackets packets
user user suser srcuser sourceuser sourceusername cs-username user username usrname usr userprincipalname upn login loginname loginuser logonname accountname account acct actorname actor actoruser actoremail performedby initiatedby subjectusername samaccountname principalname principal initiatingprocessaccountname loggedinuser loggeduser lastloggedonuser currentuser xauthuser vpnuser remoteuser adminname administrator admin adminuser requestuser emailid usermail useremail executedby owneruser actoralternateid uname principalemail accountupn initiatingprocessaccountupn requestinguser actoremailaddress
user.email email email emailaddress mail
user.domain text userdomain accountdomain ntdomain suserdomain sntdom subjectdomainname srcuserdomain logondomain initiatingprocessaccountdomain
user.id userid userid suid usersid actorid userguid subjectusersid initiatingprocessaccountsid useruid
user.id accountnumber uid
user.full_name text fullname userfullname
user.roles text role roles userrole
user.target user duser dstuser destuser destinationuser destinationusername targetuser targetusername targetuserprincipalname
group.name text group groupname usergroup
host.name host hostname computername computer host devicehostname machinename machine endpointname endpointhostname endpoint devicename computerdnsname hostfqdn fqdn clientcomputername nodename agenthostname agentcomputername dvchost devname srvhostname systemname
host.ip ip hostip endpointip hostipaddress computerip deviceip devicesip dvc identsrc deviceaddress
host.mac mac hostmac dvcmac devicemac
host.id text hostid machineid deviceid endpointid agentid sensorid
host.os.name text osname os operatingsystem osplatform
host.os.version text osversion
host.os.family text osfamily
observer.vendor text devicevendor vendorname vendor
observer.product text deviceproduct productname product
observer.version text deviceversion productversion
observer.serial_number text serialnumber deviceserialnumber devid
observer.ingress.interface.name text srcintf ininterface inputinterface ingressinterface sourceinterface srcinterface inif deviceinboundinterface
observer.egress.interface.name text dstintf outinterface outputinterface egressinterface destinationinterface destinterface dstinterface outif deviceoutboundinterface
observer.ingress.zone text srczone sourcezone inzone fromzone sourcezonename ingresszone sourcezoneuri
observer.egress.zone text dstzone destinationzone destzone outzone tozone destinationzonename egresszone
network.transport transport proto protocol ipprotocol ipproto protocolid transportprotocol transport networkprotocol ipprotocolname prot protocolname
network.protocol protocol appprotocol applicationprotocol l7protocol appproto
network.protocol service service servicename
network.application lower app application appname applicationname apps
network.direction direction direction dir trafficdirection connectiondirection networkdirection devicedirection flowdirection
network.vlan.id text vlan vlanid
network.community_id text communityid
event.action action act action eventaction actiontaken deviceaction eventname eventtype actiontype operationname operation activity activityname activitydisplayname activitytype actionname disposition verdict decision firewallaction policyaction useraction fwaction mainaction event methodname eventsimplename
event.outcome outcome outcome result eventresult resultstatus actionresult loginresult logonresult authresult authenticationresult authstatus loginstatus finalresult operationresult eventoutcome eventstatus responseelementsconsolelogin status success issuccess succeeded
event.reason text reason failurereason reasonmessage failreason errormessage errordescription errorreason denyreason blockreason statusreason resultdescription reasontext
event.severity severity severity sev severitylevel level loglevel
event.code code eventcode eventtypeid eventid logid msgid messagecode messageid eventnumber
event.id text eventuuid eventguid externalid logguid recordid transactionid uniqueid correlationid
event.provider text eventsource eventprovider providername
event.url text alerturl eventurl alertlink consolelink
rule.name text rulename rule rulelabel policyname policy fwrule firewallrule signaturename signature sigmsg signaturemsg attackname ruletitle matchedrule securityrule accessrule
rule.id text ruleid policyid signatureid sigid attackid ruleuid policyuuid ruleuuid
rule.category text rulecategory categoryname threatcategory attacktype signaturecategory urlcategory
threat.indicator.name text threatname virusname malwarename virus malware detectionname threat detectname
threat.technique.id text techniqueid mitretechniqueid
threat.tactic.name text tacticname
url url url requesturl fullurl request uri requesturi cs-uri targeturl destinationurl httpurl siteurl clientrequesturi
url.path text cs-uri-stem uripath urlpath requestpath uristem
url.query text cs-uri-query uriquery urlquery querystring
url.domain host cs-host urldomain urlhost httphost hostheader cshost vhost servername sni clientrequesthost
url.domain domain domain
http.request.method upper cs-method requestmethod httpmethod method httprequestmethod verb reqmethod clientrequestmethod
http.request.referrer text cs(referer) referer referrer httpreferrer requestcontext httpreferer refererurl
http.response.status_code status sc-status httpstatus httpstatuscode statuscode responsecode httpresponsecode respcode responsestatus httpcode edgeresponsestatus
http.response.mime_type text rs(content-type) contenttype mimetype responsemimetype
user_agent.original text cs(user-agent) useragent useragentstring requestclientapplication httpuseragent ua rawuseragent clientuseragent clientrequestuseragent
dns.question.name host queryname dnsquery qname query questionname dnsquestion dnsname
dns.question.type upper querytype qtype recordtype dnsquerytype dnstype
dns.response_code upper rcode dnsresponsecode responsecodename
file.name path filename fname file attachmentname
file.path path filepath fullpath filefullpath path targetfilepath
file.size count filesize fsize filesizebytes
file.hash hash filehash hash sha256 sha1 md5 filesha256 filesha1 filemd5 sha256hash sha1hash md5hash md5sum checksum filehashsha256 filehashmd5 sha256string md5string
process.name image processname process procname proc deviceprocessname initiatingprocessfilename
process.executable image image processpath imagepath processimagepath exe executable processexecutable applicationpath initiatingprocessfolderpath
process.command_line text commandline cmdline processcommandline processcmdline cmd initiatingprocesscommandline command
process.pid count processid pid procid newprocessid initiatingprocessid
process.parent.name image parentprocessname parentname parentimage parentprocess parentprocesspath parentpath
process.parent.pid count parentprocessid ppid parentpid
process.parent.command_line text parentcommandline parentcmdline parentprocesscommandline
process.hash hash processhash processsha256 processmd5 processsha1 initiatingprocesssha256
email.from.address mails sender mailfrom envelopesender envelopefrom fromaddress senderaddress senderemail emailfrom from
email.to.address mails recipient recipients rcpt mailto toaddress recipientaddress recipientemail rcptto emailto envelopeto to
email.subject text subject emailsubject mailsubject
email.message_id text internetmessageid emailmessageid
tls.version text tlsversion sslversion tlsprotocol sslprotocol
tls.cipher text cipher ciphersuite tlscipher sslcipher sslciphername
tls.client.server_name host servernameindication tlssni sslsni
tls.client.ja3 text ja3 ja3hash
@timestamp time timestamp eventtime time event_timestamp eventtimestamp logtime logtimestamp datetime recordedat occurredat occurred occured isotimestamp eventdatetime activitydatetime when published creationtime createdat created createddatetime createtime generatedtime timegenerated receivedtime receivetime detectiontime detecttime devicetime devtime localtime utctime timecreated ts date rt requestreceivedtimestamp stagetimestamp edgestarttimestamp eventcreationtime eventcreatedtime datetimeutc timestamputc loggedat eventtimeutc
event.start time starttime start eventstarttime starttimestamp firstseen
event.end time endtime end eventendtime lastseen
`

const byName = new Map<string, Alias>()
for (const row of rows.trim().split('\n')) {
  const [field = '', kind = 'text', ...names] = row.split(' ')
  if (!isKind(kind)) throw new TypeError(`no kind of alias: ${row}`)
  for (const [rank, name] of names.entries()) {
    if (!byName.has(name)) byName.set(name, { field, kind, rank })
  }
}

function isKind(kind: string): kind is AliasKind {
  return kinds.some((one) => one === kind)
}

/** What a name was found to mean: few names, asked for every record. Emptied when full. */
const known = new Map<string, Alias | null>()
const knownMax = 8_192

/** The meaning of a vendor's name: as it is written (`c-ip`), or without what joins its words (`Src_IP`, `source-ip`, `Source IP`). */
export function aliasOf(name: string): Alias | undefined {
  const cached = known.get(name)
  if (cached !== undefined) return cached ?? undefined
  const lower = name.toLowerCase()
  const found = byName.get(lower) ?? byName.get(bare(lower))
  if (name.length <= 64) {
    if (known.size >= knownMax) known.clear()
    known.set(name, found ?? null)
  }
  return found
}

/** Only the letters and digits. */
function bare(name: string): string {
  let text = ''
  for (let at = 0; at < name.length && at < 64; at++) {
    const code = name.charCodeAt(at)
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) text += name.charAt(at)
  }
  return text
}

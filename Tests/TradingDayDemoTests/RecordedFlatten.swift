/// What a riskd logged while it closed six contracts and its evaluator was killed in the middle.
enum RecordedFlatten {
  static let lines = #"""
    {"timestamp":"2026-11-22T14:57:39.466Z","level":"INFO","worker":"evaluator","message":"Target adopted","account":"1001","goal":"flat account","rule":"RULE-001","target":"123-0","until":"proven"}
    {"timestamp":"2026-11-22T14:57:39.466Z","level":"WARNING","worker":"evaluator","message":"You hold 6 contracts; the limit is 5.","account":"1001","reason":"CONTRACTS_ABOVE_LIMIT","rule":"RULE-001","target":"123-0"}
    {"timestamp":"2026-11-22T14:57:39.474Z","level":"WARNING","worker":"gateway","message":"Link broken","fault":"the peer closed the link; 0 bytes of an incomplete frame discarded","link":"feed"}
    {"timestamp":"2026-11-22T14:57:39.474Z","level":"WARNING","worker":"enforcer","message":"Link broken","fault":"the peer closed the link; 0 bytes of an incomplete frame discarded","link":"verdict"}
    {"timestamp":"2026-11-22T14:57:39.475Z","level":"INFO","worker":"enforcer","message":"Link to the evaluator is down"}
    {"timestamp":"2026-11-22T14:57:39.475Z","level":"WARNING","worker":"supervisor","message":"link verdict 1 is of no use to enforcer: the peer closed the link; 0 bytes of an incomplete frame discarded","event":"linkBroken","worker_":"enforcer"}
    {"timestamp":"2026-11-22T14:57:39.476Z","level":"INFO","worker":"supervisor","message":"link verdict 2 joins evaluator and enforcer","event":"linkMade"}
    {"timestamp":"2026-11-22T14:57:39.476Z","level":"WARNING","worker":"enforcer","message":"Link broken","fault":"the peer closed the link; 0 bytes of an incomplete frame discarded","link":"verdict"}
    {"timestamp":"2026-11-22T14:57:39.477Z","level":"WARNING","worker":"supervisor","message":"enforcer: no link to the evaluator","event":"workerDegraded","worker_":"enforcer","worker_pid":"24247"}
    {"timestamp":"2026-11-22T14:57:39.478Z","level":"WARNING","worker":"supervisor","message":"evaluator stopped: signal 9 (SIGKILL)","cause":"signal 9 (SIGKILL)","counted":"true","deaths_in_window":"1","event":"death","life":"1","worker_":"evaluator","worker_pid":"24254"}
    {"timestamp":"2026-11-22T14:57:39.482Z","level":"INFO","worker":"supervisor","message":"evaluator started","event":"workerStarted","life":"2","worker_":"evaluator","worker_pid":"24599"}
    {"timestamp":"2026-11-22T14:57:39.482Z","level":"INFO","worker":"supervisor","message":"link feed 2 joins gateway and evaluator","event":"linkMade"}
    {"timestamp":"2026-11-22T14:57:39.482Z","level":"INFO","worker":"supervisor","message":"link verdict 3 joins evaluator and enforcer","event":"linkMade"}
    {"timestamp":"2026-11-22T14:57:39.505Z","level":"INFO","worker":"gateway","message":"GatewayUserPosition: CON.F.US.ENQ.Z26 size 0 at 21000.25","account":"1001"}
    {"timestamp":"2026-11-22T14:57:39.509Z","level":"INFO","worker":"gateway","message":"GatewayUserPosition: CON.F.US.MES.Z26 size 0 at 6000.25","account":"1001"}
    {"timestamp":"2026-11-22T14:57:39.510Z","level":"INFO","worker":"enforcer","message":"Enforcement close CON.F.US.ENQ.Z26 on account 1001: accepted","account_id":"1001","action":"close","contract":"CON.F.US.ENQ.Z26","contracts":"1","execution_time_ms":"44","held":"1","reaction_us":"10077","reason":"You hold 6 contracts; the limit is 5.","reason_code":"CONTRACTS_ABOVE_LIMIT","result":"accepted","rule_id":"RULE-001","target":"123-0"}
    {"timestamp":"2026-11-22T14:57:39.511Z","level":"INFO","worker":"gateway","message":"GatewayUserPosition: CON.F.US.MNQ.Z26 size 0 at 20924.25","account":"1001"}
    {"timestamp":"2026-11-22T14:57:39.514Z","level":"INFO","worker":"enforcer","message":"Enforcement close CON.F.US.MES.Z26 on account 1001: accepted","account_id":"1001","action":"close","contract":"CON.F.US.MES.Z26","contracts":"3","execution_time_ms":"46","held":"3","reaction_us":"10557","reason":"You hold 6 contracts; the limit is 5.","reason_code":"CONTRACTS_ABOVE_LIMIT","result":"accepted","rule_id":"RULE-001","target":"123-0"}
    {"timestamp":"2026-11-22T14:57:39.516Z","level":"INFO","worker":"enforcer","message":"Enforcement close CON.F.US.MNQ.Z26 on account 1001: accepted","account_id":"1001","action":"close","contract":"CON.F.US.MNQ.Z26","contracts":"2","execution_time_ms":"48","held":"2","reaction_us":"10822","reason":"You hold 6 contracts; the limit is 5.","reason_code":"CONTRACTS_ABOVE_LIMIT","result":"accepted","rule_id":"RULE-001","target":"123-0"}
    {"timestamp":"2026-11-22T14:57:39.545Z","level":"INFO","worker":"evaluator","message":"State restored","ordinal":"124","replayed":"123","targets":"2"}
    {"timestamp":"2026-11-22T14:57:39.551Z","level":"INFO","worker":"evaluator","message":"Loaded 6/6 enabled rules","account":"1001"}
    {"timestamp":"2026-11-22T14:57:39.551Z","level":"INFO","worker":"evaluator","message":"Loaded 6/6 enabled rules","account":"1002"}
    {"timestamp":"2026-11-22T14:57:39.552Z","level":"INFO","worker":"evaluator","message":"Risk Rules Engine: Monitoring started"}
    {"timestamp":"2026-11-22T14:57:39.567Z","level":"INFO","worker":"enforcer","message":"Link to the evaluator is up"}
    {"timestamp":"2026-11-22T14:57:39.568Z","level":"INFO","worker":"supervisor","message":"enforcer: as it should be","event":"workerRestored","worker_":"enforcer","worker_pid":"24247"}
    {"timestamp":"2026-11-22T14:57:39.573Z","level":"INFO","worker":"supervisor","message":"evaluator ready after 90 ms","event":"workerReady","life":"2","worker_":"evaluator","worker_pid":"24599"}
    {"timestamp":"2026-11-22T14:57:39.612Z","level":"INFO","worker":"enforcer","message":"Target 123-0 on account 1001 is proven at the venue","account_id":"1001","execution_time_ms":"146","passes":"1","requests":"3","rule_id":"RULE-001","target":"123-0"}
    {"timestamp":"2026-11-22T14:57:39.612Z","level":"INFO","worker":"evaluator","message":"Enforcement step","account":"1001","action":"close CON.F.US.ENQ.Z26","ms":"44","outcome":"accepted","reactionUs":"10077","target":"123-0"}
    {"timestamp":"2026-11-22T14:57:39.612Z","level":"INFO","worker":"evaluator","message":"Enforcement step","account":"1001","action":"close CON.F.US.MES.Z26","ms":"46","outcome":"accepted","reactionUs":"10557","target":"123-0"}
    {"timestamp":"2026-11-22T14:57:39.612Z","level":"INFO","worker":"evaluator","message":"Enforcement step","account":"1001","action":"close CON.F.US.MNQ.Z26","ms":"48","outcome":"accepted","reactionUs":"10822","target":"123-0"}
    {"timestamp":"2026-11-22T14:57:39.614Z","level":"INFO","worker":"evaluator","message":"Target proven at the venue","ms":"146","passes":"1","requests":"3","target":"123-0"}
    """#
}

/// What the specification says of monitoring, of the log files and of the secrets.
extension SpecifiedValues {
  static let monitoring = ShippedValue.rows(
    of: "monitoring.yaml",
    """
    monitoring.enabled = true
    monitoring.health.enabled = true
    monitoring.health.interval = 30000
    monitoring.health.checks = [signalr_connection, token_validity, database_connection, \
    circuit_breaker_state, memory_usage, disk_space]
    monitoring.metrics.enabled = true
    monitoring.metrics.interval = 60000
    monitoring.metrics.collect = [event_processing_latency_p50, \
    event_processing_latency_p95, event_processing_latency_p99, api_response_time_p50, \
    api_response_time_p95, events_processed_per_second, api_requests_per_minute, \
    orders_placed_per_hour, signalr_connection_uptime_percent, token_refresh_success_rate, \
    api_error_rate, circuit_breaker_open_count, rule_breach_counts_by_rule, \
    enforcement_action_counts, lockout_counts, memory_usage_mb, cpu_usage_percent, \
    database_size_mb, disk_space_remaining_mb]
    monitoring.alerts.enabled = true
    monitoring.alerts.channels[0].type = "log"
    monitoring.alerts.channels[0].path = "logs/alerts.log"
    monitoring.alerts.channels[1].type = "email"
    monitoring.alerts.channels[1].enabled = false
    monitoring.alerts.channels[1].smtp_host = "smtp.gmail.com"
    monitoring.alerts.channels[1].smtp_port = 587
    monitoring.alerts.channels[1].from_email = "alerts@example.com"
    monitoring.alerts.channels[1].to_emails = ["admin@example.com"]
    monitoring.alerts.channels[2].type = "webhook"
    monitoring.alerts.channels[2].enabled = false
    monitoring.alerts.channels[2].url = "https://hooks.slack.com/services/YOUR/WEBHOOK/URL"
    monitoring.alerts.rules[0].name = "SignalR Connection Lost"
    monitoring.alerts.rules[0].condition = "signalr_connection_state == 'DISCONNECTED' for 60s"
    monitoring.alerts.rules[0].severity = "critical"
    monitoring.alerts.rules[0].message = "SignalR connection lost for >60 seconds"
    monitoring.alerts.rules[1].name = "Token Expiration Imminent"
    monitoring.alerts.rules[1].condition = "token_expiry_in_seconds < 1800"
    monitoring.alerts.rules[1].severity = "critical"
    monitoring.alerts.rules[1].message = "Token expires in <30 minutes, refresh failing"
    monitoring.alerts.rules[2].name = "Circuit Breaker Open"
    monitoring.alerts.rules[2].condition = "circuit_breaker_state == 'OPEN'"
    monitoring.alerts.rules[2].severity = "critical"
    monitoring.alerts.rules[2].message = "Circuit breaker opened, API calls blocked"
    monitoring.alerts.rules[3].name = "Memory Usage High"
    monitoring.alerts.rules[3].condition = "memory_usage_mb > 150"
    monitoring.alerts.rules[3].severity = "warning"
    monitoring.alerts.rules[3].message = "Memory usage >150 MB (target <100 MB)"
    monitoring.alerts.rules[4].name = "Database Size Large"
    monitoring.alerts.rules[4].condition = "database_size_mb > 1000"
    monitoring.alerts.rules[4].severity = "warning"
    monitoring.alerts.rules[4].message = "Database >1 GB, consider cleanup"
    monitoring.alerts.rules[5].name = "Event Processing Slow"
    monitoring.alerts.rules[5].condition = "event_processing_latency_p95 > 50"
    monitoring.alerts.rules[5].severity = "warning"
    monitoring.alerts.rules[5].message = "95th percentile latency >50ms (target <10ms)"
    monitoring.alerts.rules[6].name = "High Error Rate"
    monitoring.alerts.rules[6].condition = "api_error_rate > 0.05"
    monitoring.alerts.rules[6].severity = "critical"
    monitoring.alerts.rules[6].message = "API error rate >5%"
    monitoring.alerts.rules[7].name = "Frequent Lockouts"
    monitoring.alerts.rules[7].condition = "lockout_counts > 5 in 1h"
    monitoring.alerts.rules[7].severity = "warning"
    monitoring.alerts.rules[7].message = "More than 5 lockouts in 1 hour"
    monitoring.alerts.rules[8].name = "High Enforcement Rate"
    monitoring.alerts.rules[8].condition = "enforcement_action_counts > 20 in 1h"
    monitoring.alerts.rules[8].severity = "info"
    monitoring.alerts.rules[8].message = "More than 20 enforcement actions in 1 hour"
    """)

  static let logging = ShippedValue.rows(
    of: "logging.yaml",
    """
    logging.level = "INFO"
    logging.format = "json"
    logging.files.daemon.path = "logs/daemon.log"
    logging.files.daemon.maxSize = 10485760
    logging.files.daemon.backupCount = 5
    logging.files.daemon.level = "INFO"
    logging.files.enforcement.path = "logs/enforcement.log"
    logging.files.enforcement.maxSize = 10485760
    logging.files.enforcement.backupCount = 10
    logging.files.enforcement.level = "INFO"
    logging.files.api.path = "logs/api.log"
    logging.files.api.maxSize = 10485760
    logging.files.api.backupCount = 5
    logging.files.api.level = "WARNING"
    logging.files.errors.path = "logs/errors.log"
    logging.files.errors.maxSize = 10485760
    logging.files.errors.backupCount = 10
    logging.files.errors.level = "ERROR"
    logging.files.alerts.path = "logs/alerts.log"
    logging.files.alerts.maxSize = 5242880
    logging.files.alerts.backupCount = 10
    logging.files.alerts.level = "WARNING"
    logging.rotation.enabled = true
    logging.rotation.when = "midnight"
    logging.rotation.backupCount = 30
    """)

  /// Of .env, the values as riskd reads them: quotes belong to the file.
  static let variables = ShippedValue.rows(
    of: "env.example",
    """
    TOPSTEPX_API_KEY = your_production_api_key_here
    TOPSTEPX_USERNAME = your_production_username_here
    TOKEN_ENCRYPTION_KEY = hex:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    ADMIN_PASSWORD_HASH = $2b$12$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV
    LOG_LEVEL = INFO
    DATABASE_PATH = data/risk_manager.db
    CONFIG_PATH = config/config.yaml
    DEV_MODE = false
    """)
}

<?php
// Changes to what Kopir's account may do, and to what Moodle can answer: `without:CAPABILITY`, and broken records.

defined('MOODLE_INTERNAL') || die();

require_once(__DIR__ . '/sync_account.php');

function account_changes(): array {
    global $DB;
    $changes = [
        'bad-name' => fn() => $DB->set_field('user', 'firstname', '<b>Дана</b', ['username' => 'dana']),
        'maintenance' => fn() => set_config('maintenance_enabled', 1),
        'service-off' => fn() => $DB->set_field('external_services', 'enabled', 0, ['shortname' => 'kopir']),
        'token-revoked' => fn() => $DB->delete_records('external_tokens', ['token' => SYNC_TOKEN]),
        'rest-off' => fn() => set_config('webserviceprotocols', ''),
        'no-file-downloads' => fn() => $DB->set_field('external_services', 'downloadfiles', 0, ['shortname' => 'kopir']),
        'function-removed' => fn() => $DB->delete_records('external_services_functions', ['functionname' => 'core_course_get_contents']),
        'account-suspended' => fn() => $DB->set_field('user', 'suspended', 1, ['username' => 'kopir']),
    ];
    foreach (SYNC_CAPABILITIES as $capability) {
        $changes["without:$capability"] = fn() => unassign_capability($capability, role('kopirsync'), context_system::instance()->id);
    }
    return $changes;
}

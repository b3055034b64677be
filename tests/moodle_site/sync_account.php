<?php
// Kopir's account, role, service and token, as docs/moodle.md tells an administrator to make them.

defined('MOODLE_INTERNAL') || die();

const SYNC_TOKEN = 'a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0';
const SYNC_CAPABILITIES = [
    'webservice/rest:use', 'moodle/course:view', 'moodle/course:viewhiddencourses', 'moodle/category:viewhiddencategories',
    'moodle/course:viewhiddensections', 'moodle/course:viewhiddenactivities', 'moodle/course:ignoreavailabilityrestrictions',
    'moodle/course:viewparticipants', 'moodle/course:enrolreview', 'moodle/site:accessallgroups', 'moodle/user:viewdetails',
    'moodle/site:viewfullnames', 'moodle/site:viewuseridentity', 'moodle/user:viewalldetails', 'moodle/course:viewhiddengroups',
    'moodle/course:managegroups', 'moodle/course:update', 'mod/assign:view', 'mod/bigbluebuttonbn:view', 'mod/data:view',
    'mod/feedback:view', 'mod/glossary:view', 'mod/h5pactivity:view', 'mod/lti:view', 'mod/quiz:view', 'mod/workshop:view',
];
const SYNC_FUNCTIONS = [
    'core_webservice_get_site_info', 'core_course_get_courses', 'core_course_get_courses_by_field', 'core_course_get_categories',
    'core_course_get_contents', 'core_course_get_course_module', 'core_courseformat_get_state', 'core_enrol_get_enrolled_users',
    'core_enrol_get_users_courses', 'core_user_get_users_by_field', 'core_group_get_course_groups',
    'core_group_get_course_groupings', 'core_group_get_groupings',
];

function add_sync_account($make): void {
    global $DB;
    set_config('enablewebservices', 1);
    set_config('webserviceprotocols', 'rest');
    $system = context_system::instance();
    $account = $make->create_user(['username' => 'kopir', 'firstname' => 'Kopir', 'lastname' => 'Sync', 'email' => 'kopir@auyl.example.kz']);
    $role = create_role('Kopir', 'kopirsync', '');
    set_role_contextlevels($role, [CONTEXT_SYSTEM]);
    foreach (SYNC_CAPABILITIES as $capability) {
        assign_capability($capability, CAP_ALLOW, $role, $system->id, true);
    }
    role_assign($role, $account->id, $system->id);
    $service = (new webservice())->add_external_service((object) ['name' => 'Kopir', 'shortname' => 'kopir', 'enabled' => 1,
        'restrictedusers' => 0, 'downloadfiles' => 1, 'uploadfiles' => 0, 'requiredcapability' => '']);
    foreach (SYNC_FUNCTIONS as $function) {
        (new webservice())->add_external_function_to_service($function, $service);
    }
    \core_external\util::generate_token(EXTERNAL_TOKEN_PERMANENT, \core_external\util::get_service_by_id($service), $account->id, $system);
    $DB->set_field('external_tokens', 'token', SYNC_TOKEN, ['userid' => $account->id]);
}

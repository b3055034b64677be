<?php
// Changes to people, enrolments and groups.

defined('MOODLE_INTERNAL') || die();

function person(string $login): stdClass {
    global $DB;
    return $DB->get_record('user', ['username' => $login], '*', MUST_EXIST);
}

function course(string $shortname): stdClass {
    global $DB;
    return $DB->get_record('course', ['shortname' => $shortname], '*', MUST_EXIST);
}

function manual(string $shortname): array {
    global $DB;
    $instance = $DB->get_record('enrol', ['courseid' => course($shortname)->id, 'enrol' => 'manual'], '*', MUST_EXIST);
    return [enrol_get_plugin('manual'), $instance];
}

function role(string $shortname): int {
    global $DB;
    return $DB->get_field('role', 'id', ['shortname' => $shortname], MUST_EXIST);
}

function team(string $name): stdClass {
    global $DB;
    return $DB->get_record('groups', ['name' => $name], '*', MUST_EXIST);
}

function enrol(string $login, string $course, string $role = 'student'): void {
    [$plugin, $instance] = manual($course);
    $plugin->enrol_user($instance, person($login)->id, role($role));
}

function set_enrolment(string $login, ?int $status, ?int $end = null): void {
    [$plugin, $instance] = manual('ALG7');
    $plugin->update_user_enrol($instance, person($login)->id, $status, null, $end);
}

function state_discord(string $login, string $account): void {
    profile_save_data((object) ['id' => person($login)->id, 'profile_field_discord' => $account]);
}

function people_changes(): array {
    $alg7 = fn() => context_course::instance(course('ALG7')->id)->id;
    return [
        'enrol-student' => fn() => enrol('zhanar', 'ALG7'),
        'unenrol-student' => function () {
            [$plugin, $instance] = manual('ALG7');
            $plugin->unenrol_user($instance, person('gulnar')->id);
        },
        'suspend-enrolment' => fn() => set_enrolment('gulnar', ENROL_USER_SUSPENDED),
        'reactivate-enrolment' => fn() => set_enrolment('late', ENROL_USER_ACTIVE),
        'end-enrolment' => fn() => set_enrolment('gulnar', null, time() - DAYSECS),
        'suspend-account' => fn() => user_update_user((object) ['id' => person('dana')->id, 'suspended' => 1], false),
        'unsuspend-account' => fn() => user_update_user((object) ['id' => person('susp')->id, 'suspended' => 0], false),
        'delete-account' => fn() => delete_user(person('dana')),
        'rename-person' => fn() => user_update_user((object) ['id' => person('aigul')->id, 'lastname' => 'Ахметова'], false),
        'change-discord' => fn() => state_discord('aigul', 'oraz.new'),
        'empty-discord' => fn() => state_discord('aigul', ''),
        'change-department' => fn() => user_update_user((object) ['id' => person('aigul')->id, 'department' => '8'], false),
        'add-teacher-role' => fn() => role_assign(role('editingteacher'), person('ivan')->id, $alg7()),
        'student-to-assistant' => function () use ($alg7) {
            role_assign(role('teacher'), person('ivan')->id, $alg7());
            role_unassign(role('student'), person('ivan')->id, $alg7());
        },
        'move-to-other-group' => function () {
            groups_remove_member(team('7А')->id, person('aigul')->id);
            groups_add_member(team('7Ә')->id, person('aigul')->id);
        },
        'leave-group' => fn() => groups_remove_member(team('7А')->id, person('asem')->id),
        'rename-group' => fn() => groups_update_group((object) ['id' => team('7А')->id, 'courseid' => course('ALG7')->id, 'name' => '7В']),
        'create-group' => function () {
            $id = groups_create_group((object) ['courseid' => course('ALG7')->id, 'name' => 'Олимпиада']);
            groups_add_member($id, person('erlan')->id);
            groups_add_member($id, person('nur')->id);
        },
        'delete-group' => fn() => groups_delete_group(team('7Ә')->id),
        'empty-group' => fn() => array_map(fn($one) => groups_remove_member(team('8А')->id, $one), array_keys(groups_get_members(team('8А')->id))),
    ];
}

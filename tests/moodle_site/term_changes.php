<?php
// The term of ALG8: one change after the other, in this order. What only time changes has an empty step.

defined('MOODLE_INTERNAL') || die();

function texts_of_the_term(): array {
    $described = fn(string $text) => ['introeditor' => ['text' => $text, 'format' => FORMAT_HTML, 'itemid' => 0]];
    return [
        'add-page' => fn() => add_activity('page', 1, 'Қайталау беті'),
        'edit-text' => fn() => save_module('Конспект 1', $described('<p>Жаңа мәтін: <b>дәреже</b>.</p>')),
        'touch-markup' => fn() => save_module('Конспект 1', $described("<div style=\"color:blue\"><p id=\"x9\" class=\"a\">Жаңа   мәтін:\n <strong>дәреже</strong>.</p></div>")),
        'rename-material' => fn() => set_coursemodule_name(module('Тест 1')->id, 'Тест 1 (қайта)'),
        'change-label' => function () use ($described) {
            $label = current(array_filter(get_fast_modinfo(course(COURSE))->get_instances_of('label'), fn($cm) => $cm->get_section_info()->section == 2));
            save_module($label->name, $described('<p>Апта 2: <b>бақылау</b> жұма күні.</p>'));
        },
        'huge-text' => fn() => save_module('Конспект 3', $described('<p>' . str_repeat('Өте ұзақ мәтін, әр сөзі бөлек. ', 250) . '</p>')),
    ];
}

function files_of_the_term(): array {
    $put = fn($files, $place, $path, $name, $text) => $files->create_file_from_string($place + ['filepath' => $path, 'filename' => $name], $text);
    $swap = fn(string $text) => fn() => save_files('Дәріс 1', function ($files, $place) use ($put, $text) {
        drop_file($files, $place, '/', 'Дәріс 1.pdf');
        $put($files, $place, '/', 'Дәріс 1.pdf', $text);
    });
    return [
        'swap-file' => $swap("%PDF-1.4\n% second version, longer\n%%EOF\n"),
        'upload-same-file-again' => $swap("%PDF-1.4\n% second version, longer\n%%EOF\n"),
        'add-file' => fn() => save_files('Үлестірме 1', fn($files, $place) => $put($files, $place, '/', 'жаңа.txt', "жаңа\n")),
        'remove-file' => fn() => save_files('Үлестірме 1', fn($files, $place) => drop_file($files, $place, '/', 'кесте 1.csv')),
    ];
}

function places_of_the_term(): array {
    $visible = function (string $name, int $shown, int $listed = 1): void {
        set_coursemodule_visible(module($name)->id, $shown, $listed);
        rebuild_course_cache(course(COURSE)->id, true);
    };
    return [
        'move-material' => fn() => moveto_module(module('Бейне 1'), section('Түбірлер')),
        'reorder-material' => fn() => moveto_module(module('Үй жұмысы 2'), section('Түбірлер'), module('Дәріс 2')),
        'move-section' => fn() => move_section_to(course(COURSE), section('Функциялар')->section, 1),
        'rename-section' => fn() => course_update_section(course(COURSE), section('Дәрежелер'), ['name' => 'Дәреже және логарифм']),
        'hide-material' => fn() => $visible('Тест 2', 0),
        'show-material' => fn() => $visible('Тест 2', 1),
        'hide-section' => fn() => set_section_visible(course(COURSE)->id, section('Теңдеулер')->section, 0),
        'show-section' => fn() => set_section_visible(course(COURSE)->id, section('Теңдеулер')->section, 1),
        'restrict-to-group' => fn() => restrict('Конспект 2', ['type' => 'group', 'id' => (int) team('8А')->id]),
        'lift-restriction' => fn() => restrict('Конспект 2'),
    ];
}

function dates_of_the_term(): array {
    return [
        'set-due-date' => fn() => save_module('Үй жұмысы 1', ['duedate' => 1797285600]),
        'postpone-due-date' => fn() => save_module('Үй жұмысы 1', ['duedate' => 1797890400]),
        'remove-due-date' => fn() => save_module('Үй жұмысы 1', ['duedate' => 0]),
        'set-opening-date' => fn() => save_module('Үй жұмысы 2', ['allowsubmissionsfromdate' => 1796680800]),
        'release-day-comes' => fn() => null,
        'last-day-passes' => fn() => null,
    ];
}

function events_of_the_term(): array {
    return [
        'delete-material' => fn() => course_delete_module(module('Конспект 4')->id),
        'add-section-with-three' => function () {
            $section = course_create_section(course(COURSE));
            course_update_section(course(COURSE), $section, ['name' => 'Қорытынды']);
            array_map(fn($n) => add_activity('page', $section->section, "Қорытынды $n"), range(1, 3));
        },
        'upload-twelve' => fn() => array_map(fn($n) => add_activity('page', 6, "Есептер $n"), range(1, 12)),
        'move-ten-dates' => function () {
            array_map(fn($n) => save_module("Үй жұмысы $n", ['duedate' => 1798495200 + $n * DAYSECS]), range(2, 6));
            array_map(fn($n) => save_module($n === 1 ? 'Тест 1 (қайта)' : "Тест $n", ['timeclose' => 1798495200 + $n * DAYSECS, 'quizpassword' => '']), range(1, 5));
        },
        'rename-course' => fn() => update_course((object) ['id' => course(COURSE)->id, 'fullname' => 'Алгебра 8 (тереңдетілген)']),
        'list-stealth' => function () {
            set_coursemodule_visible(module('Сілтеме арқылы ғана')->id, 1, 1);
            rebuild_course_cache(course(COURSE)->id, true);
        },
        'grade-and-discuss' => function () {
            grade_update('mod/assign', course(COURSE)->id, 'mod', 'assign', module('Үй жұмысы 1')->instance, 0, (object) ['userid' => person('aigul')->id, 'rawgrade' => 80]);
            phpunit_util::get_data_generator()->get_plugin_generator('mod_forum')->create_discussion(
                ['course' => course(COURSE)->id, 'forum' => module('Хабарландырулар')->instance, 'userid' => person('aigul')->id]);
        },
        'purge-caches' => fn() => purge_all_caches(),
        'delete-last-of-section' => fn() => course_delete_module(module('Қонақтың сайты')->id),
        'add-twin' => fn() => add_activity('page', 4, 'Конспект 4'),
        'link-with-session' => fn() => save_module('Бейне 2', ['externalurl' => 'https://video.example.kz/watch?sesskey=Abc123&v=5']),
        'another-session' => fn() => save_module('Бейне 2', ['externalurl' => 'https://video.example.kz/watch?sesskey=Xyz789&v=5']),
        'unenrol-student' => function () {
            [$plugin, $instance] = manual(COURSE);
            $plugin->unenrol_user($instance, person('gulnar')->id);
        },
        'duplicate-material' => fn() => duplicate_module(course(COURSE), get_fast_modinfo(course(COURSE))->get_cm(module('Конспект 5')->id)),
        'hide-course' => fn() => course_change_visibility(course(COURSE)->id, false),
        'show-course' => fn() => course_change_visibility(course(COURSE)->id, true),
    ];
}

function add_activity(string $type, int $section, string $name): void {
    phpunit_util::get_data_generator()->create_module($type, ['course' => course(COURSE)->id, 'section' => $section, 'name' => $name,
        'intro' => "<p>$name</p>", 'showdescription' => 1]);
}

<?php
// Changes to courses, sections, modules and files.

defined('MOODLE_INTERNAL') || die();

function new_page(string $course, string $name): void {
    phpunit_util::get_data_generator()->create_module('page', ['course' => course($course)->id, 'section' => 1, 'name' => $name, 'intro' => '']);
}

function section_changes(): array {
    $update = fn(string $name, array $values) => course_update_section(course('ALG7'), section($name), $values);
    return [
        'rename-section' => fn() => $update('Дәрежелер', ['name' => 'Дәреже және түбір']),
        'move-section' => fn() => move_section_to(course('ALG7'), section('Функция')->section, 1),
        'hide-section' => fn() => set_section_visible(course('ALG7')->id, section('Дәрежелер')->section, 0),
        'show-section' => fn() => set_section_visible(course('ALG7')->id, section('Жасырын бөлім')->section, 1),
        'add-section' => fn() => course_update_section(course('ALG7'), course_create_section(course('ALG7')), ['name' => 'Жаңа бөлім']),
        'delete-section' => fn() => course_delete_section(course('ALG7'), section('Функция'), true),
        'restrict-section' => fn() => $update('Дәрежелер', ['availability' => json_encode(
            ['op' => '&', 'c' => [['type' => 'group', 'id' => (int) team('7А')->id]], 'showc' => [true]])]),
    ];
}

function module_changes(): array {
    return [
        'rename-module' => fn() => set_coursemodule_name(module('Тест 1')->id, 'Тест 1 (қайта)'),
        'move-module' => fn() => moveto_module(module('Тест 1'), section('Дәрежелер')),
        'reorder-module' => fn() => moveto_module(module('Үй жұмысы 1'), section('Дәрежелер'), module('Дәріс 1 — дәрежелер')),
        'hide-module' => function () {
            set_coursemodule_visible(module('Тест 1')->id, 0);
            rebuild_course_cache(course('ALG7')->id, true);
        },
        'show-module' => function () {
            set_coursemodule_visible(module('Жасырын бет')->id, 1);
            rebuild_course_cache(course('ALG7')->id, true);
        },
        'make-module-stealth' => function () {
            set_coursemodule_visible(module('Тест 1')->id, 1, 0);
            rebuild_course_cache(course('ALG7')->id, true);
        },
        'restrict-module-by-date' => fn() => restrict('Шектеусіз', ['type' => 'date', 'd' => '>=', 't' => 1803844800]),
        'restrict-module-to-group' => fn() => restrict('Шектеусіз', ['type' => 'group', 'id' => (int) team('7А')->id]),
        'restrict-module-by-completion' => fn() => restrict('Маусымға дейін', ['type' => 'completion', 'cm' => (int) module('Шектеусіз')->id, 'e' => 1]),
        'unrestrict-module' => fn() => restrict('Тек 7А'),
        'delete-module' => fn() => course_delete_module(module('Тест 1')->id),
        'add-module' => fn() => new_page('ALG7', 'Жаңа бет'),
        'change-due-date' => fn() => save_module('Үй жұмысы 1', ['duedate' => 1797285600]),
        'change-quiz-dates' => fn() => save_module('Тест 1', ['timeopen' => 1796680800, 'timeclose' => 1797285600, 'quizpassword' => '']),
        'change-link' => fn() => save_module('Бейне: дәрежелер', ['externalurl' => 'https://video.example.kz/watch?v=2']),
        'change-label' => function () {
            global $DB;
            $label = $DB->get_record('label', ['course' => course('ALG7')->id], '*', MUST_EXIST);
            save_module($label->name, ['introeditor' => ['text' => '<p>Жаңа хабар!</p>', 'format' => FORMAT_HTML, 'itemid' => 0]]);
        },
    ];
}

function file_changes(): array {
    $lecture = 'Дәріс 1 — дәрежелер';
    $put = fn($files, $place, $path, $name, $text) => $files->create_file_from_string($place + ['filepath' => $path, 'filename' => $name], $text);
    return [
        'swap-file' => fn() => save_files($lecture, function ($files, $place) use ($put) {
            drop_file($files, $place, '/', 'Дәріс 1.pdf');
            $put($files, $place, '/', 'Дәріс 1.pdf', "%PDF-1.4 second, longer\n");
        }),
        'upload-same-file-again' => fn() => save_files($lecture, function ($files, $place) use ($put) {
            drop_file($files, $place, '/', 'Дәріс 1.pdf');
            $put($files, $place, '/', 'Дәріс 1.pdf', "%PDF-1.4 first\n");
        }),
        'save-without-change' => fn() => save_module($lecture, []),
        'add-file' => fn() => save_files('Үлестірме материалдар', fn($files, $place) => $put($files, $place, '/', 'жаңа.txt', "x\n")),
        'remove-file' => fn() => save_files('Үлестірме материалдар', fn($files, $place) => drop_file($files, $place, '/', 'кесте.csv')),
    ];
}

function course_changes(): array {
    $update = fn(string $course, array $values) => update_course((object) (['id' => course($course)->id] + $values));
    return [
        'rename-course' => fn() => $update('ALG7', ['fullname' => 'Алгебра 7 (тереңдетілген)']),
        'hide-course' => fn() => course_change_visibility(course('BIOL9')->id, false),
        'show-course' => fn() => course_change_visibility(course('TARIH')->id, true),
        'delete-course' => fn() => delete_course(course('BIOL9')->id, false),
        'end-course' => fn() => $update('BIOL9', ['enddate' => 1793484000, 'startdate' => 1788213600]),
        'move-course' => function () {
            global $DB;
            move_courses([course('BIOL9')->id], $DB->get_field('course_categories', 'id', ['name' => 'Үйірмелер']));
        },
        'create-course' => function () {
            global $DB;
            $top = $DB->get_field('course_categories', 'id', ['name' => 'Негізгі мектеп']);
            create_course((object) ['fullname' => 'Химия 8', 'shortname' => 'HIM8', 'category' => $top, 'numsections' => 1, 'startdate' => 1788213600]);
            enrol('olga', 'HIM8', 'editingteacher');
            enrol('zhanar', 'HIM8');
            new_page('HIM8', 'Заттар');
        },
    ];
}

function unseen_changes(): array {
    return [
        'purge-caches' => fn() => purge_all_caches(),
        'post-in-forum' => fn() => phpunit_util::get_data_generator()->get_plugin_generator('mod_forum')->create_discussion(
            ['course' => course('ALG7')->id, 'forum' => module('Хабарландырулар')->instance, 'userid' => person('aigul')->id]),
        'grade-assignment' => function () {
            grade_update('mod/assign', course('ALG7')->id, 'mod', 'assign', module('Үй жұмысы 1')->instance, 0,
                (object) ['userid' => person('aigul')->id, 'rawgrade' => 80]);
        },
        'edit-chapter' => function () {
            global $DB;
            $chapter = $DB->get_record('book_chapters', ['title' => 'Бірінші тарау'], '*', MUST_EXIST);
            $DB->update_record('book_chapters', ['id' => $chapter->id, 'content' => '<p>y</p>', 'timemodified' => time()]);
            $DB->set_field('book', 'revision', 2, ['id' => $chapter->bookid]);
        },
    ];
}

function content_changes(): array {
    return section_changes() + module_changes() + file_changes() + course_changes() + unseen_changes();
}

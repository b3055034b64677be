<?php
// Turns a freshly installed Moodle into a school with one course of a whole term, for the recordings of tests/moodle_term.py.
// Usage: php term_seed.php MOODLE-FOLDER; the account, the service and the token are for tests only.

define('CLI_SCRIPT', true);
require($argv[1] . '/config.php');
require_once($CFG->libdir . '/phpunit/classes/util.php');
require_once($CFG->libdir . '/filterlib.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/webservice/lib.php');
require_once(__DIR__ . '/making.php');
require_once(__DIR__ . '/sync_account.php');
require_once(__DIR__ . '/term_texts.php');

const SECTIONS = ['Дәрежелер', 'Түбірлер', 'Теңдеулер', 'Функциялар', 'Теңсіздіктер', 'Статистика', 'Жоба', 'Қосымша', 'Қонақ дәріс'];
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==';
const DUE = 1796734800;      // 8 December 2026
const RELEASE = 1792166400;  // 16 October 2026
const ENDS = 1792339200;     // 18 October 2026

\core\session\manager::set_user(get_admin());
$make = phpunit_util::get_data_generator();

function add_class($make, stdClass $course): array {
    $category = $make->create_custom_profile_field_category(['name' => 'Kopir']);
    $make->create_custom_profile_field(['categoryid' => $category->id, 'shortname' => 'discord', 'name' => 'Discord', 'datatype' => 'text', 'visible' => 1]);
    $groups = [];
    foreach (['8А', '8Ә'] as $name) {
        $groups[$name] = $make->create_group(['courseid' => $course->id, 'name' => $name]);
    }
    $rows = [['aiman', 'Айман', 'Жүнісова', 'aiman.j', ''], ['aigul', 'Айгүл', 'Сейтқали', 'aigul.s', '8А'], ['asem', 'Әсем', 'Қайратқызы', 'asem.q', '8А'],
        ['bekzat', 'Бекзат', 'Оспанов', 'bekzat', '8А'], ['dana', 'Дана', 'Ким', 'dana.kim', '8Ә'], ['erlan', 'Ерлан', 'Ғабит', 'erlan.g', '8Ә'],
        ['gulnar', 'Гүлнар', 'Һамит', 'gulnar', '8Ә']];
    foreach ($rows as [$login, $first, $last, $discord, $group]) {
        $person = $make->create_user(['username' => $login, 'firstname' => $first, 'lastname' => $last, 'email' => "$login@auyl.example.kz", 'profile_field_discord' => $discord]);
        $make->enrol_user($person->id, $course->id, $group ? 'student' : 'editingteacher');
        if ($group) {
            groups_add_member($groups[$group]->id, $person->id);
        }
    }
    return $groups;
}

function name_sections(stdClass $course): void {
    global $DB;
    foreach (SECTIONS as $number => $name) {
        $section = $DB->get_record('course_sections', ['course' => $course->id, 'section' => $number + 1], '*', MUST_EXIST);
        course_update_section($course, $section, ['name' => $name]);
    }
}

/** Return what adds an activity with a described page: add(type, section, name, more). */
function adder($make, stdClass $course): callable {
    $count = 0;
    return function (string $type, int $section, string $name, array $more = []) use ($make, $course, &$count): stdClass {
        $described = ['intro' => told($count++), 'introformat' => FORMAT_HTML, 'showdescription' => 1];
        return $make->create_module($type, $more + $described + ['course' => $course->id, 'section' => $section, 'name' => $name]);
    };
}

function put_files(stdClass $module, string $component, array $files): void {
    get_file_storage()->delete_area_files(context_module::instance($module->cmid)->id, $component, 'content');
    foreach ($files as $path => $content) {
        add_file($module, $component, dirname($path) === '/' ? '/' : dirname($path) . '/', basename($path), $content);
    }
}

function pdf(string $words): string {
    return "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n% $words\ntrailer<</Root 1 0 R>>\n%%EOF\n";
}

/** Add to each of six sections a lecture, a page, homework, a test, a video, a note and a folder. */
function add_lessons(callable $add, array $groups): void {
    $limits = [5 => restriction(when('>=', RELEASE)), 6 => restriction(['type' => 'group', 'id' => (int) $groups['8А']->id])];
    foreach (range(1, 6) as $n) {
        $lecture = $add('resource', $n, "Дәріс $n");
        put_files($lecture, 'mod_resource', ["/Дәріс $n.pdf" => pdf("first version of $n")]);
        $add('page', $n, "Конспект $n", ['content' => told($n), 'availability' => $limits[$n] ?? null]);
        $add('assign', $n, "Үй жұмысы $n", $n > 2 ? ['duedate' => DUE + $n * DAYSECS] : ['duedate' => 0]);
        $add('quiz', $n, "Тест $n", ['timeclose' => DUE + $n * DAYSECS]);
        $add('url', $n, "Бейне $n", ['externalurl' => "https://www.youtube.com/watch?v=abcdefghij$n"]
            + ($n === 4 ? ['availability' => restriction(when('<', ENDS))] : []));
        $add('label', $n, '', ['intro' => "<p>Апта $n: дәптерді ұмытпаңыз.</p>"]);
        $folder = $add('folder', $n, "Үлестірме $n");
        put_files($folder, 'mod_folder', ["/кесте $n.csv" => "a;b\n$n;2\n", "/үлгі/кесте $n.csv" => "үлгі $n\n"]);
    }
}

function add_others($make, callable $add): void {
    $add('forum', 0, 'Хабарландырулар');
    $add('label', 0, '', ['intro' => '<p>Қош келдіңіздер! <b>Күнделікті</b> қараңыз.</p>']);
    $project = $add('assign', 7, 'Жоба жұмысы', ['allowsubmissionsfromdate' => RELEASE, 'duedate' => DUE]);
    get_file_storage()->create_file_from_string(['contextid' => context_module::instance($project->cmid)->id, 'component' => 'mod_assign', 'filearea' => 'intro',
        'itemid' => 0, 'filepath' => '/', 'filename' => 'surat.png'], base64_decode(PNG));
    foreach (['Сызба' => '/сызба.png', 'Жоба үлгісі' => '/үлгі.docx'] as $name => $path) {
        put_files($add('resource', 7, $name), 'mod_resource', [$path => base64_decode(PNG)]);
    }
    $add('page', 7, 'Жасырын бет', ['visible' => 0]);
    $add('page', 7, 'Сілтеме арқылы ғана', ['visible' => 1, 'visibleoncoursepage' => 0]);
    $big = $add('resource', 7, 'Суреттер жинағы');
    mt_srand(8);
    put_files($big, 'mod_resource', ['/жинақ.bin' => implode('', array_map(fn() => chr(mt_rand(0, 255)), range(1, 40000)))]);
    foreach (['book', 'choice', 'chat', 'data', 'feedback', 'glossary', 'h5pactivity', 'lesson', 'lti', 'survey', 'wiki', 'workshop', 'forum'] as $type) {
        $add($type, 8, "Түрі: $type", $type === 'lti' ? ['toolurl' => 'https://tool.example.kz/'] : []);
    }
    $add('url', 9, 'Қонақтың сайты', ['externalurl' => 'https://guest.example.kz/?id=5']);
}

switch_on();
$course = $make->create_course(['fullname' => 'Алгебра 8', 'shortname' => 'ALG8', 'numsections' => count(SECTIONS), 'startdate' => AUTUMN, 'format' => 'topics', 'enablecompletion' => 1]);
$groups = add_class($make, $course);
name_sections($course);
$add = adder($make, $course);
add_lessons($add, $groups);
add_others($make, $add);
add_sync_account($make);
rebuild_course_cache($course->id, true);

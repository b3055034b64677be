<?php
// Turns a freshly installed Moodle into the invented school that the recordings were made of.
// Usage: php seed.php MOODLE-FOLDER; the account, the service and the token are for tests only.

define('CLI_SCRIPT', true);
require($argv[1] . '/config.php');
require_once($CFG->libdir . '/phpunit/classes/util.php');
require_once($CFG->libdir . '/filterlib.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/webservice/lib.php');
require_once(__DIR__ . '/making.php');
require_once(__DIR__ . '/sync_account.php');

const PAST = 1790805600;    // 1 October 2026
const DECEMBER = 1796680800; // 8 December 2026
const SPRING = 1803844800;  // 1 March 2027
const SUMMER = 1811793600;  // 1 June 2027

\core\session\manager::set_user(get_admin());
$make = phpunit_util::get_data_generator();

function add_people($make): array {
    $category = $make->create_custom_profile_field_category(['name' => 'Kopir']);
    $make->create_custom_profile_field(['categoryid' => $category->id, 'shortname' => 'discord', 'name' => 'Discord',
        'datatype' => 'text', 'visible' => 1, 'param1' => 30, 'param2' => 2048]);
    $rows = [
        ['aiman', 'Айман', 'Жүнісова', 'aiman.j'], ['olga', 'Ольга', 'Шевченко', 'olga_sh'],
        ['aigul', 'Айгүл', 'Сейтқали', 'aigul.s'], ['asem', 'Әсем', 'Қайратқызы', ' @asem.q '],
        ['bekzat', 'Бекзат', 'Оспанов', 'bekzat'], ['dana', 'Дана', 'Ким', 'dana.kim'],
        ['erlan', 'Ерлан', 'Ғабит', 'erlan#1234'], ['gulnar', 'Гүлнар', 'Һамит', 'gulnar'],
        ['zhanar', 'Жанар', 'Үсенова', 'zhanar'], ['ivan', 'Дмитрий', 'Иванов', 'ivan.d'],
        ['ivan2', 'Дмитрий', 'Иванов', 'ivan.second'], ['oraz', "Д'Артаньян & Ко", 'Оразбай', 'oraz'],
        ['nur', 'Нұр', 'Өтеген', ''], ['susp', 'Сұлтан', 'Бағатқызы', 'susp.user'],
        ['late', 'Лаура', 'Ермек', 'late.user'], ['over', 'Олжас', 'Тоқтар', 'over.user'],
        ['soon', 'Салтанат', 'Мұрат', 'soon.user'], ['norole', 'Нұрлан', 'Сағат', 'norole.user'],
        ['tutor', 'Тимур', 'Әли', 'tutor.t'], ['empty', 'Бос', 'Адам', 'not an account!'],
    ];
    $people = [];
    foreach ($rows as $number => [$login, $first, $last, $discord]) {
        $people[$login] = $make->create_user(['username' => $login, 'firstname' => $first, 'lastname' => $last,
            'email' => "$login@auyl.example.kz", 'idnumber' => $login === 'nur' ? '' : 'K-' . (100 + $number),
            'department' => '7', 'maildisplay' => $login === 'dana' ? 0 : 1, 'profile_field_discord' => $discord]);
    }
    user_update_user((object) ['id' => $people['susp']->id, 'suspended' => 1], false, false);
    return $people;
}

function add_courses($make): array {
    $top = $make->create_category(['name' => 'Негізгі мектеп']);
    $seventh = $make->create_category(['name' => '7-сынып', 'parent' => $top->id]);
    $make->create_category(['name' => 'Үйірмелер']);
    $common = ['category' => $top->id, 'startdate' => AUTUMN, 'enablecompletion' => 1];
    $physics = '<span lang="kk" class="multilang">Физика 8 (қаз)</span><span lang="en" class="multilang">Physics 8</span>';
    return [
        'alg7' => $make->create_course(['fullname' => 'Алгебра 7 & геометрия', 'shortname' => 'ALG7', 'numsections' => 8,
            'category' => $seventh->id, 'enddate' => SUMMER, 'format' => 'topics'] + $common),
        'fiz8' => $make->create_course(['fullname' => $physics, 'shortname' => 'FIZ8', 'numsections' => 2,
            'groupmode' => SEPARATEGROUPS, 'format' => 'weeks', 'automaticenddate' => 0] + $common),
        'biol9' => $make->create_course(['fullname' => 'Биология 9', 'shortname' => 'BIOL9', 'numsections' => 1] + $common),
        'tarih' => $make->create_course(['fullname' => 'Тарих', 'shortname' => 'TARIH', 'visible' => 0, 'numsections' => 1] + $common),
        'otken' => $make->create_course(['fullname' => 'Өткен жыл', 'shortname' => 'OTKEN', 'enddate' => AUTUMN - 1,
            'startdate' => AUTUMN - YEARSECS] + $common),
    ];
}

function enrol_people($make, array $people, array $courses): void {
    $in = fn(string $course, string $role, string ...$who) => array_map(
        fn($one) => $make->enrol_user($people[$one]->id, $courses[$course]->id, $role), $who);
    $in('alg7', 'editingteacher', 'aiman');
    $in('alg7', 'teacher', 'olga');
    $in('alg7', 'student', 'aigul', 'asem', 'bekzat', 'dana', 'erlan', 'gulnar', 'ivan', 'ivan2', 'nur', 'susp', 'empty');
    $in('fiz8', 'editingteacher', 'olga');
    $in('fiz8', 'student', 'aigul', 'bekzat', 'zhanar', 'oraz', 'tutor');
    $in('biol9', 'editingteacher', 'aiman');
    $in('biol9', 'student', 'zhanar', 'oraz', 'aiman');
    $in('tarih', 'editingteacher', 'aiman');
    $in('tarih', 'student', 'aigul', 'dana');
    $alg7 = $courses['alg7']->id;
    $make->enrol_user($people['late']->id, $alg7, 'student', 'manual', 0, 0, ENROL_USER_SUSPENDED);
    $make->enrol_user($people['over']->id, $alg7, 'student', 'manual', AUTUMN, PAST);
    $make->enrol_user($people['soon']->id, $alg7, 'student', 'manual', SPRING, 0);
    $make->enrol_user($people['norole']->id, $alg7, 'student');
    role_unassign_all(['userid' => $people['norole']->id, 'contextid' => context_course::instance($alg7)->id]);
    $tutor = create_role('Тәлімгер', 'tutor', '', 'teacher');
    role_assign($tutor, $people['tutor']->id, context_course::instance($courses['fiz8']->id)->id);
}

function add_groups($make, array $people, array $courses): array {
    $groups = [];
    $members = ['7А' => ['aigul', 'asem', 'bekzat'], '7Ә' => ['bekzat', 'dana', 'gulnar'], 'Бос топ' => []];
    foreach ($members as $name => $who) {
        $groups[$name] = $make->create_group(['courseid' => $courses['alg7']->id, 'name' => $name]);
        array_map(fn($one) => groups_add_member($groups[$name]->id, $people[$one]->id), $who);
    }
    $grouping = $make->create_grouping(['courseid' => $courses['alg7']->id, 'name' => 'Зертхана']);
    $make->create_grouping_group(['groupingid' => $grouping->id, 'groupid' => $groups['7А']->id]);
    foreach (['8А' => ['aigul', 'zhanar'], '8Б' => ['bekzat', 'oraz']] as $name => $who) {
        $groups[$name] = $make->create_group(['courseid' => $courses['fiz8']->id, 'name' => $name]);
        array_map(fn($one) => groups_add_member($groups[$name]->id, $people[$one]->id), $who);
    }
    return $groups + ['Зертхана' => $grouping];
}

function name_sections(stdClass $course): void {
    global $DB;
    $names = ['', 'Дәрежелер', 'Функция', 'Барлық түрлер', 'Шектеулер', 'Бос бөлім', 'Жасырын бөлім', 'Көктемде ашылады', 'Топқа арналған'];
    foreach (array_slice($names, 1, null, true) as $number => $name) {
        $section = $DB->get_record('course_sections', ['course' => $course->id, 'section' => $number], '*', MUST_EXIST);
        course_update_section($course, $section, ['name' => $name]);
    }
}

function add_contents($make, array $courses, array $groups): void {
    global $DB;
    $alg7 = $courses['alg7'];
    $add = fn(string $type, int $section, string $name, array $more = []) =>
        $make->create_module($type, $more + ['course' => $alg7->id, 'section' => $section, 'name' => $name, 'intro' => '']);
    $add('forum', 0, 'Хабарландырулар');
    $add('label', 0, '', ['intro' => '<p>Қош келдіңіздер! <b>Маңызды:</b> күнделікті қараңыз.</p><script>alert(1)</script>']);
    $pdf = $add('resource', 1, 'Дәріс 1 — дәрежелер', ['defaultfilename' => 'dummy.txt']);
    get_file_storage()->delete_area_files(context_module::instance($pdf->cmid)->id, 'mod_resource', 'content');
    add_file($pdf, 'mod_resource', '/', 'Дәріс 1.pdf', "%PDF-1.4 first\n", 1);
    $add('url', 1, 'Бейне: дәрежелер', ['externalurl' => 'https://video.example.kz/watch?v=1&t=2', 'intro' => '<p>10 минут</p>', 'showdescription' => 1]);
    $add('page', 1, 'Конспект «A & B»', ['content' => '<p>x</p>']);
    $add('assign', 1, 'Үй жұмысы 1', ['duedate' => DECEMBER, 'allowsubmissionsfromdate' => PAST]);
    $add('quiz', 2, 'Тест 1', ['timeopen' => PAST, 'timeclose' => DECEMBER]);
    $folder = $add('folder', 2, 'Үлестірме материалдар');
    get_file_storage()->delete_area_files(context_module::instance($folder->cmid)->id, 'mod_folder', 'content');
    add_file($folder, 'mod_folder', '/', 'кесте.csv', "a;b\n");
    add_file($folder, 'mod_folder', '/апта 2/', 'схема.txt', "x\n");
    $add('page', 2, 'Жасырын бет', ['visible' => 0]);
    $add('page', 2, 'Сілтеме арқылы ғана', ['visible' => 1, 'visibleoncoursepage' => 0]);
    foreach (['book', 'choice', 'chat', 'data', 'feedback', 'glossary', 'h5pactivity', 'imscp', 'lesson', 'lti', 'scorm', 'survey', 'wiki', 'workshop', 'bigbluebuttonbn'] as $type) {
        $extra = ['lti' => ['toolurl' => 'https://tool.example.kz/'], 'lesson' => ['deadline' => SPRING], 'bigbluebuttonbn' => ['type' => 0]];
        $add($type, 3, "Түрі: $type", $extra[$type] ?? []);
    }
    $book = $DB->get_record('book', ['course' => $alg7->id], '*', MUST_EXIST);
    $chapters = $make->get_plugin_generator('mod_book');
    $chapters->create_chapter(['bookid' => $book->id, 'title' => 'Бірінші тарау', 'content' => '<p>x</p>']);
    $limited = fn(string $name, array ...$conditions) => $add('page', 4, $name, ['availability' => restriction(...$conditions)]);
    $done = $add('page', 4, 'Шектеусіз', ['completion' => COMPLETION_TRACKING_MANUAL]);
    $limited('Күзде ашылды', when('>=', PAST));
    $limited('Наурызда ашылады', when('>=', SPRING));
    $limited('Маусымға дейін', when('<', SUMMER));
    $limited('Тек 7А', ['type' => 'group', 'id' => (int) $groups['7А']->id]);
    $limited('Кез келген топ', ['type' => 'group']);
    $limited('Тек зертхана', ['type' => 'grouping', 'id' => (int) $groups['Зертхана']->id]);
    $limited('7Ә наурызда', ['type' => 'group', 'id' => (int) $groups['7Ә']->id], when('>=', SPRING));
    $limited('Орындаған соң', ['type' => 'completion', 'cm' => (int) $done->cmid, 'e' => 1]);
    $limited('7-бөлімге', ['type' => 'profile', 'sf' => 'department', 'op' => 'isequalto', 'v' => '7']);
    $add('page', 6, 'Жасырын бөлімдегі бет');
    $add('page', 7, 'Көктемгі бет');
    $add('page', 8, 'Топ беті');
    $sections = $DB->get_records_menu('course_sections', ['course' => $alg7->id], '', 'section, id');
    $hide = fn(int $number, array $values) => course_update_section($alg7, $DB->get_record('course_sections', ['id' => $sections[$number]]), $values);
    set_section_visible($alg7->id, 6, 0);
    $hide(7, ['availability' => restriction(when('>=', SPRING))]);
    $hide(8, ['availability' => restriction(['type' => 'group', 'id' => (int) $groups['7А']->id])]);
    foreach (['fiz8' => 1, 'biol9' => 1, 'tarih' => 1] as $course => $section) {
        $make->create_module('page', ['course' => $courses[$course]->id, 'section' => $section, 'name' => "Кіріспе: {$courses[$course]->shortname}", 'intro' => '']);
    }
    $make->create_module('assign', ['course' => $courses['fiz8']->id, 'section' => 2, 'name' => 'Зертханалық жұмыс', 'intro' => '', 'groupmode' => SEPARATEGROUPS]);
}

switch_on();
$people = add_people($make);
$courses = add_courses($make);
enrol_people($make, $people, $courses);
$groups = add_groups($make, $people, $courses);
name_sections($courses['alg7']);
add_contents($make, $courses, $groups);
add_sync_account($make);
foreach ($courses as $course) {
    rebuild_course_cache($course->id, true);
}
echo json_encode(array_map(fn($of) => array_map(fn($one) => (int) $one->id, $of), compact('people', 'courses', 'groups')), JSON_UNESCAPED_UNICODE), "\n";

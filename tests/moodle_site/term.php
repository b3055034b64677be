<?php
// Applies one step of the term to the course of term_seed.php, as it stands after the steps before.
// Usage: php term.php MOODLE-FOLDER NAME; without NAME it lists the names.

define('CLI_SCRIPT', true);
const COURSE = 'ALG8';
require($argv[1] . '/config.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/course/modlib.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->dirroot . '/mod/forum/lib.php');
require_once($CFG->dirroot . '/mod/page/locallib.php');
require_once($CFG->dirroot . '/mod/resource/locallib.php');
require_once($CFG->libdir . '/gradelib.php');
require_once($CFG->libdir . '/phpunit/classes/util.php');
require_once(__DIR__ . '/editing.php');
require_once(__DIR__ . '/people_changes.php');
require_once(__DIR__ . '/term_changes.php');

\core\session\manager::set_user(get_admin());
$steps = texts_of_the_term() + files_of_the_term() + places_of_the_term() + dates_of_the_term() + events_of_the_term();
$name = $argv[2] ?? '';
if (!isset($steps[$name])) {
    echo implode("\n", array_keys($steps)), "\n";
    exit($name === '' ? 0 : 1);
}
$steps[$name]();

<?php
// Applies one change to the freshly seeded school, with the functions that Moodle's own pages call.
// Usage: php change.php MOODLE-FOLDER NAME; without NAME it lists the names.

define('CLI_SCRIPT', true);
const COURSE = 'ALG7';
require($argv[1] . '/config.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/course/modlib.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->dirroot . '/user/lib.php');
require_once($CFG->dirroot . '/user/profile/lib.php');
require_once($CFG->dirroot . '/mod/forum/lib.php');
require_once($CFG->dirroot . '/mod/page/locallib.php');
require_once($CFG->libdir . '/gradelib.php');
require_once($CFG->libdir . '/phpunit/classes/util.php');
require_once(__DIR__ . '/editing.php');
require_once(__DIR__ . '/people_changes.php');
require_once(__DIR__ . '/content_changes.php');
require_once(__DIR__ . '/account_changes.php');

\core\session\manager::set_user(get_admin());
$changes = people_changes() + content_changes() + account_changes();
$name = $argv[2] ?? '';
if (!isset($changes[$name])) {
    echo implode("\n", array_keys($changes)), "\n";
    exit($name === '' ? 0 : 1);
}
$changes[$name]();

"""The standard exports, by the public samples: what is read, what is reported, what absence means."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.records import CourseRole, Kind
from tests.csv_folder import SAMPLES, Folder

STUDENT, TEACHER, ASSISTANT = CourseRole.STUDENT, CourseRole.TEACHER, CourseRole.ASSISTANT
SECRETS = (
    "ЖСН",
    "000000000100",
    "Qaz#Uaq1tsha",
    "020815411788",
    "010715403869",
    "asem@mektep",
    "09/1988",
    "Алматы",
    "Ақмола",
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def problems(folder: Folder) -> list[tuple[str, int, str, str]]:
    return [(item.file, item.line, item.column, item.code) for item in folder.last.problems]


@pytest.mark.parametrize(
    ("sample", "counts"),
    [
        ("oneroster-1.2/bulk", {"courses": 4, "people": 20, "enrolments": 25}),
        ("canvas-sis/day1", {"courses": 4, "people": 19, "enrolments": 24, "groups": 4}),
        ("clever", {"courses": 4, "people": 21, "enrolments": 22}),
    ],
)
def test_a_sample_is_counted(folder: Folder, sample: str, counts: dict[str, int]) -> None:
    folder.copy(sample).pull()
    assert folder.counts() == counts


@pytest.mark.parametrize(
    "sample", ["oneroster-1.2/bulk", "canvas-sis/day1", "clever", "moodle-uploadusers", "moodle-csv"]
)
def test_nothing_that_kopir_does_not_use_is_read(folder: Folder, sample: str) -> None:
    folder.copy(sample).pull()
    assert not [secret for secret in SECRETS if secret in repr(folder.last)]


@pytest.mark.parametrize("sample", ["oneroster-1.2/bulk", "canvas-sis/day1", "clever"])
def test_a_second_pull_changes_nothing(folder: Folder, sample: str) -> None:
    folder.copy(sample).pull()
    before = folder.state
    folder.pull()
    assert folder.state == before


def test_oneroster_bulk_is_read_without_a_problem(folder: Folder) -> None:
    pulled = folder.copy("oneroster-1.2/bulk").pull()
    assert not pulled.problems
    assert not pulled.unproven
    assert set(pulled.dialects.values()) == {"oneroster-1.2"}
    people = {person.id: person for person in folder.state.people}
    assert people["u07"].name == "Елена Ёлкина"
    assert people["u08"].name == "Аня Водкина"
    assert people["u13"].suspended
    assert {"u09", "u10"} <= people.keys()
    assert {("u18", "k1", TEACHER), ("u18", "k2", TEACHER), ("u18", "k3", STUDENT)} <= folder.roles()
    course = next(course for course in folder.state.courses if course.id == "k3")
    assert (course.start, course.end) == (datetime(2026, 8, 31, 19, tzinfo=UTC), datetime(2026, 12, 29, 19, tzinfo=UTC))


def test_oneroster_bulk_absence_is_removal(folder: Folder) -> None:
    folder.copy("oneroster-1.2/bulk").pull()
    rows = (folder.path / "enrollments.csv").read_text().splitlines(keepends=True)
    folder.write({"enrollments.csv": "".join(rows[:-1])}).pull()
    assert folder.counts()["enrolments"] == 24


def test_oneroster_delta_is_applied_to_what_was_there(folder: Folder) -> None:
    folder.copy("oneroster-1.2/bulk").pull()
    pulled = folder.clear().copy("oneroster-1.2/delta").pull()
    assert not pulled.problems
    assert folder.counts() == {"courses": 4, "people": 20, "enrolments": 25}
    assert not (pulled.snapshot and pulled.snapshot.missing)
    assert pulled.unproven == {Kind.PEOPLE, Kind.ENROLMENTS, Kind.COURSES}
    assert "Қуаныш Тұрсынов" in folder.names()
    assert "Һафиз Қожа-Ахмет" not in folder.names()
    roles = folder.roles()
    assert ("u05", "k2", STUDENT) in roles
    assert ("u05", "k1", STUDENT) not in roles
    assert ("u21", "k1", STUDENT) in roles


def test_oneroster_delta_may_come_twice_and_beside_the_bulk(folder: Folder) -> None:
    bulk, delta = SAMPLES / "oneroster-1.2/bulk", SAMPLES / "oneroster-1.2/delta"
    folder.write({f"{part.name}/{file.name}": file.read_bytes() for part in (bulk, delta) for file in part.iterdir()})
    folder.pull()
    before = folder.roles()
    folder.pull()
    assert folder.roles() == before
    assert ("u05", "k2", STUDENT) in before
    assert len(before) == 25


def test_oneroster_broken_says_what_is_wrong(folder: Folder) -> None:
    folder.copy("oneroster-1.2/broken").pull()
    assert problems(folder) == [
        ("classes.csv", 2, "courseSourcedId", "unknown-course"),
        ("enrollments.csv", 3, "sourcedId", "duplicate-id"),
        ("roles.csv", 2, "role", "unknown-role"),
        ("roles.csv", 2, "userSourcedId", "unknown-person"),
        ("users.csv", 2, "status", "status-in-bulk"),
        ("users.csv", 2, "enabledUser", "bad-flag"),
    ]


def test_a_file_that_the_manifest_announces_and_that_is_not_there_removes_nobody(folder: Folder) -> None:
    folder.copy("oneroster-1.2/bulk").pull()
    before = folder.counts()
    folder.remove("enrollments.csv").pull()
    assert folder.counts() == before
    assert problems(folder) == [("manifest.csv", 0, "", "manifest-mismatch")]


def test_oneroster_without_a_manifest_removes_nobody_when_rows_have_a_status(folder: Folder) -> None:
    header = (
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,email\n"
    )
    row = "{0},active,2026-10-02T08:00:00.000Z,true,o2,{1},x,,Айгүл,Сейтқали {0},\n"
    folder.write({"users.csv": header + row.format("u1", "student") + row.format("u2", "guardian")}).pull()
    assert folder.names() == {"Айгүл Сейтқали u1"}
    assert folder.last.dialects == {"users.csv": "oneroster-1.1"}
    folder.write({"users.csv": header + row.format("u3", "student")}).pull()
    assert len(folder.names()) == 2
    assert [code for *_, code in problems(folder)] == ["no-manifest"]


def test_parents_are_not_kept(folder: Folder) -> None:
    folder.copy("oneroster-1.2/bulk")
    roles = (folder.path / "roles.csv").read_text()
    folder.write({"roles.csv": roles.replace("u20,primary,principal", "u20,primary,guardian")}).pull()
    assert "Марат Қасым" not in folder.names()


def test_canvas_reports_odd_rows(folder: Folder) -> None:
    folder.copy("canvas-sis/day1").pull()
    assert problems(folder) == [
        ("enrollments.csv", 26, "user_id", "unknown-person"),
        ("enrollments.csv", 27, "role", "unknown-role"),
        ("users.csv", 21, "user_id", "missing-cell"),
    ]
    assert "Шевченко Ольга" in folder.names()
    assert "Анна-Мария Петрова-Водкина" in folder.names()
    assert {person.id for person in folder.state.people if person.suspended} == {"01112"}
    assert {(e.person, e.course) for e in folder.state.enrolments if e.suspended} == {
        ("01101", "INC"),
        ("01115", "INC"),
    }
    assert ("01117", "DIG", ASSISTANT) in folder.roles()


def test_canvas_absence_means_nothing_and_deleted_rows_are_applied(folder: Folder) -> None:
    folder.copy("canvas-sis/day1").pull()
    pulled = folder.clear().copy("canvas-sis/day2").pull()
    assert folder.counts() == {"courses": 4, "people": 19, "enrolments": 24, "groups": 4}
    assert "Қуаныш Тұрсынов" in folder.names()
    moved = next(e for e in folder.state.enrolments if (e.person, e.course) == ("01102", "DIG"))
    assert moved.groups == ("DIG/DIG-B",)
    assert pulled.unproven == {Kind.PEOPLE, Kind.ENROLMENTS, Kind.COURSES, Kind.GROUPS}
    assert not pulled.problems


def test_canvas_deletes_users_courses_and_enrolments(folder: Folder) -> None:
    folder.copy("canvas-sis/day1").pull()
    folder.write(
        {
            "users.csv": "user_id,login_id,status\n01100,x,deleted\n",
            "enrollments.csv": "section_id,user_id,role,status\nDIG-A,01101,student,deleted\n",
            "courses.csv": "course_id,short_name,long_name,status\nOLD,,,deleted\n",
        }
    ).pull()
    assert folder.counts() == {"courses": 3, "people": 18, "enrolments": 21, "groups": 4}
    assert not folder.last.problems


@pytest.mark.parametrize("sample", ["canvas-sis/truncated", "canvas-sis/empty"])
def test_canvas_truncated_or_empty_removes_nobody(folder: Folder, sample: str) -> None:
    folder.copy("canvas-sis/day1").pull()
    before = folder.roles()
    folder.copy(sample).pull()
    assert folder.roles() == before


def test_canvas_absence_is_removal_when_the_source_says_so(folder: Folder) -> None:
    folder.options["complete"] = True
    folder.copy("canvas-sis/day1").pull()
    pulled = folder.copy("canvas-sis/day2").pull()
    assert folder.counts()["people"] == 18
    assert folder.counts()["enrolments"] == 23
    assert not pulled.unproven
    folder.copy("canvas-sis/empty").pull()
    assert folder.counts()["enrolments"] == 23


def test_canvas_groups_join_the_enrolments_of_their_members(folder: Folder) -> None:
    folder.copy("canvas-sis/day1")
    folder.write(
        {
            "groups.csv": "group_id,course_id,name,status\nG1,DIG,Жоба тобы,available\n",
            "groups_membership.csv": "group_id,user_id,status\nG1,01100,accepted\n",
        }
    ).pull()
    member = next(e for e in folder.state.enrolments if (e.person, e.course) == ("01100", "DIG"))
    assert member.groups == ("DIG/DIG-A", "DIG/G1")


def test_clever_reports_odd_rows(folder: Folder) -> None:
    folder.copy("clever").pull()
    assert problems(folder) == [
        ("enrollments.csv", 19, "", "duplicate-row"),
        ("enrollments.csv", 20, "Student_id", "unknown-person"),
        ("teachers.csv", 5, "Teacher_email", "bad-email"),
    ]
    assert "Цифрлық сауаттылық B" in folder.titles()
    assert ("teacher:T18", "DIG-A", TEACHER) in folder.roles()
    course = next(course for course in folder.state.courses if course.id == "DIG-A")
    assert course.end == datetime(2026, 10, 25, 19, tzinfo=UTC)


def test_clever_absence_is_removal_and_a_missing_file_is_held(folder: Folder) -> None:
    folder.copy("clever").pull()
    rows = (folder.path / "students.csv").read_text().splitlines(keepends=True)
    enrollments = (
        (folder.path / "enrollments.csv").read_text().replace("5,CRIT-1,S016\n", "").replace("5,CRIT-1,T18\n", "")
    )
    folder.write({"students.csv": "".join(rows[:-1]), "enrollments.csv": enrollments}).pull()
    assert folder.counts()["people"] == 20
    pulled = folder.remove("staff.csv").pull()
    assert pulled.snapshot is not None
    assert pulled.snapshot.missing == {"staff.csv"}


SDS = {
    "orgs.csv": "sourcedId,name,type,parentSourcedId\no1,Мектеп,school,\n",
    "users.csv": "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms\n"
    "1,aigul,Айгүл,Сейтқали,Qaz#1,,a@x.kz,+7701,\n2,olga,Ольга,Ким,,,o@x.kz,,\n3,ata,Ата,Ана,,,,,\n",
    "roles.csv": "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate\n"
    "1,o1,student,,,,,\n2,o1,teacher,,,,,\n3,o1,guardian,,,,,\n",
    "classes.csv": "sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId\nk1,o1,Алгебра,,\n",
    "enrollments.csv": "classSourcedId,userSourcedId,role\nk1,1,student\nk1,2,teacher\n",
}


def test_school_data_sync_is_read(folder: Folder) -> None:
    pulled = folder.write(SDS).pull()
    assert folder.counts() == {"courses": 1, "people": 2, "enrolments": 2}
    assert pulled.dialects == dict.fromkeys(SDS, "microsoft-sds")
    assert not pulled.problems
    assert "Qaz#1" not in repr(pulled)
    folder.write({"enrollments.csv": "classSourcedId,userSourcedId,role\nk1,2,teacher\n"}).pull()
    assert folder.roles() == {("2", "k1", TEACHER)}


def test_moodle_upload_users_is_read(folder: Folder) -> None:
    pulled = folder.copy("moodle-uploadusers", "users.csv").pull()
    assert folder.counts() == {"courses": 3, "people": 19, "enrolments": 24, "groups": 3}
    assert problems(folder) == [("users.csv", 21, "", "duplicate-row")]
    assert pulled.dialects == {"users.csv": "moodle-upload-users"}
    assert {person.id for person in folder.state.people if person.suspended} == {"bsagyndyq"}
    assert {(e.person, e.course) for e in folder.state.enrolments if e.suspended} == {("nzhaqsybekov", "inc")}
    assert ("skim", "dig", TEACHER) in folder.roles()


def test_moodle_upload_users_removes_only_what_it_says(folder: Folder) -> None:
    folder.copy("moodle-uploadusers", "users.csv").pull()
    folder.remove("users.csv").copy("moodle-uploadusers", "deletes.csv").pull()
    assert folder.counts()["people"] == 18
    assert "Қуаныш Тұрсынов" in folder.names()
    assert ("qtursynov", "dig", STUDENT) in folder.roles()
    assert not folder.last.problems


def test_moodle_upload_users_absence_is_removal_when_the_source_says_so(folder: Folder) -> None:
    folder.options["complete"] = True
    folder.copy("moodle-uploadusers", "users.csv").pull()
    rows = (folder.path / "users.csv").read_text().splitlines(keepends=True)
    folder.write({"users.csv": "".join(rows[:5])}).pull()
    assert folder.counts()["people"] == 4


def test_moodle_upload_users_from_excel_with_lost_letters_is_refused_by_row(folder: Folder) -> None:
    folder.copy("moodle-uploadusers", "users-excel-cp1251.csv").pull()
    assert {code for *_, code in problems(folder)} == {"lost-letters"}
    assert [line for _, line, *_ in problems(folder)] == [3, 4, 5, 6, 7, 8]
    assert folder.names() == {
        "Елена Ёлкина",
        "Анна-Мария Петрова-Водкина",
        "Дмитрий Иванов",
    }


def test_moodle_upload_users_with_mixed_case_headers_and_types(folder: Folder) -> None:
    folder.copy("moodle-uploadusers", "users-semicolon-utf8bom.csv").pull()
    assert folder.counts() == {"courses": 1, "people": 12, "enrolments": 12}
    assert not folder.last.problems


def test_moodle_upload_users_names_an_unknown_column(folder: Folder) -> None:
    folder.copy("moodle-uploadusers", "unknown-column.csv").pull()
    assert problems(folder) == [("unknown-column.csv", 1, "тобы", "unknown-column")]
    assert folder.counts() == {"people": 1}


@pytest.mark.parametrize(
    "name",
    [
        "upload-users-comma-utf8.csv",
        "upload-users-semicolon-utf8-bom.csv",
        "upload-users-tab-utf16le-bom-excel-unicode-text.txt",
        "upload-users-tab-utf8.csv",
    ],
)
def test_moodle_upload_users_in_every_encoding(folder: Folder, name: str) -> None:
    folder.copy("moodle-csv", name).pull()
    assert folder.counts() == {"courses": 2, "people": 4, "enrolments": 4, "groups": 5}
    assert not folder.last.problems
    assert {person.discord for person in folder.state.people} == {"ayan_q", "gulim.a", "oleg_y", ""}
    suspended = [role for role in folder.state.enrolments if role.suspended]
    assert [role.end is not None for role in suspended] == [True]


@pytest.mark.parametrize(
    ("name", "course", "people", "groups"),
    [("participants-cs101.csv", "cs101", 57, 5), ("participants-math201.csv", "math201", 33, 2)],
)
def test_moodle_participants_take_the_course_from_the_files_name(
    folder: Folder, name: str, course: str, people: int, groups: int
) -> None:
    pulled = folder.copy("moodle-csv", name).pull()
    assert folder.titles() == {course}
    assert folder.counts()["people"] == folder.counts()["enrolments"]
    assert abs(folder.counts()["people"] - people) <= 1
    assert folder.counts()["groups"] <= groups
    assert pulled.dialects == {name: "moodle-participants"}
    assert {role.role for role in folder.state.enrolments} == {STUDENT}


@pytest.mark.parametrize(
    ("name", "course"),
    [
        ("CS101/participants.csv", "CS101"),
        ("Алгебра/Участники.csv", "Алгебра"),
        ("courseid_5_participants.csv", "5"),
        ("7А математика (1).csv", "7А математика"),
    ],
)
def test_the_course_of_participants_is_in_the_files_or_folders_name(folder: Folder, name: str, course: str) -> None:
    folder.write({name: "First name,Last name,Email address,Groups\nАйгүл,Сейтқали,a@x.kz,\n"}).pull()
    assert folder.titles() == {course}


def test_participants_that_name_no_course_are_a_problem(folder: Folder) -> None:
    folder.write({"participants.csv": "First name,Last name,Email address,Groups\nАйгүл,Сейтқали,a@x.kz,\n"}).pull()
    assert [code for *_, code in problems(folder)] == ["no-course-name"]
    assert folder.last.snapshot is None


@pytest.mark.parametrize(
    "header",
    [
        "First name,Last name,Email address,Groups",
        "Имя,Фамилия,Адрес электронной почты,Группы",
        "Аты,Тегі,Электрондық пошта мекенжайы,Топтар",
    ],
)
def test_participants_have_headers_in_three_languages(folder: Folder, header: str) -> None:
    folder.options["role"] = TEACHER
    pulled = folder.write({"algebra.csv": header + '\nАйгүл,Сейтқали,a@x.kz,"7А, 7Ә"\nӘлия,-,l@x.kz,\n'}).pull()
    assert pulled.dialects == {"algebra.csv": "moodle-participants"}
    assert folder.names() == {"Айгүл Сейтқали", "Әлия"}
    assert folder.roles() == {("a@x.kz", "algebra", TEACHER), ("l@x.kz", "algebra", TEACHER)}
    assert folder.counts()["groups"] == 2


def test_participants_leave_only_their_own_course(folder: Folder) -> None:
    header = "First name,Last name,Email address,Groups\n"
    both = dict.fromkeys(("algebra.csv", "physics.csv"), header + "Айгүл,С,a@x.kz,\nНұрлан,Ж,n@x.kz,\n")
    folder.write(both).pull()
    folder.write({"algebra.csv": header + "Айгүл,С,a@x.kz,\n"}).pull()
    assert folder.counts() == {"courses": 2, "people": 2, "enrolments": 3}


@pytest.mark.parametrize("name", ["grades-cs101-comma.csv", "grades-cs101-tab.txt", "grades-cs101-semicolon.csv"])
def test_a_grade_export_is_refused_with_advice(folder: Folder, name: str) -> None:
    folder.copy("moodle-csv", name).pull()
    assert problems(folder) == [(name, 1, "", "grade-export")]


def test_a_user_list_adds_people_and_removes_nobody(folder: Folder) -> None:
    folder.copy("moodle-csv", "user-bulk-download.csv").pull()
    people = folder.counts()["people"]
    rows = (folder.path / "user-bulk-download.csv").read_text().splitlines(keepends=True)
    folder.write({"user-bulk-download.csv": "".join(rows[:3])}).pull()
    assert folder.counts() == {"people": people}


def test_a_group_import_names_groups_of_known_courses(folder: Folder) -> None:
    folder.copy("moodle-csv", "groups-import-with-course-columns.csv")
    folder.write({"roster.csv": "name,email,course\nАйгүл,a@x.kz,KAZ110\nНұрлан,n@x.kz,MATH201\n"}).pull()
    assert {group.title for group in folder.state.groups} == {"Бірінші топ", "Екінші топ"}
    assert not folder.last.problems


def test_whole_sample_folders_never_raise(folder: Folder) -> None:
    files = {file.relative_to(SAMPLES).as_posix(): file.read_bytes() for file in SAMPLES.rglob("*") if file.is_file()}
    pulled = folder.write(files).pull()
    assert pulled.snapshot is not None
    folder.pull()

"""Moodle for the courses, and a CSV list for what Moodle lacks: Discord accounts and clubs."""

from pathlib import Path

from bot.pulls import pull
from tests.moodle_stage import SITE, TOKEN, recorded, source
from tests.rehearsal import rehearsal

MOODLE = f"voice = no\nattachments = 0\n[source:one/moodle]\ntype = moodle\nurl = {SITE}\ntoken = {TOKEN}\n"
PEOPLE = """id,name,email,discord
nur,Нұр Өтеген,,nur.club
K-107,Һамит Гүлнар,,
,Жанар Үсенова,zhanar@auyl.example.kz,
"""
CLUB = """person,course,role
nur,Шахмат,student
K-107,Шахмат,student
zhanar@auyl.example.kz,Шахмат,teacher
"""
LISTS = {"people.csv": PEOPLE, "enrolments.csv": CLUB}


async def test_people_of_both_are_one(tmp_path: Path) -> None:
    async with rehearsal(tmp_path, LISTS, ("nur.club", "gulnar", "zhanar"), options=MOODLE, language="kk") as stage:
        with recorded("base"):
            assert pull(stage.app.store, "one", source("moodle")).ok
        await stage.sync()
        assert {"Алгебра 7 & геометрия", "Шахмат"} <= await stage.roles("nur.club")
        assert await stage.nick("nur.club") == "Нұр Өтеген"
        assert {"Алгебра 7 & геометрия · 7Ә", "Шахмат"} <= await stage.roles("gulnar")
        assert {"Биология 9", "Шахмат · мұғалімдер"} <= await stage.roles("zhanar")
        tables = await stage.plan()
        assert not [notice for notice in tables.notices if notice.code == "conflict"]
        assert not tables.changes

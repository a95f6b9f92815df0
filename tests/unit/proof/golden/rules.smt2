; --- anything
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(define-fun p7 () Bool (and p0 p2 p4 p5 p6 (>= v5 0)))
(declare-const v6 Bool) ; arg.x|present
(define-fun p8 () Bool (and p7 v6 false (not v6) false))
(assert p8)

; --- nothing at all
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(define-fun p0 () Bool (and true true false false false))
(assert p0)

; --- left out
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Int) ; arg.z|sort
(define-fun p7 () Bool (or (= v6 0) (= v6 1) (= v6 2) (= v6 3) (= v6 4) (= v6 5)))
(declare-const v7 Bool) ; arg.z|is amount
(declare-const v8 Int) ; arg.z|currency
(define-fun p8 () Bool (and v7 (= v8 0)))
(define-fun p9 () Bool (or (not (= v6 2)) p8))
(define-fun p10 () Bool (or (= v6 2) (= v6 3) (= v6 5)))
(define-fun p11 () Bool (or (not v7) p10))
(declare-const v9 Bool) ; arg.z|is day
(define-fun p12 () Bool (or (not v9) (= v6 3)))
(declare-const v10 Bool) ; arg.z|is moment
(define-fun p13 () Bool (or (not v10) (= v6 3)))
(declare-const v11 Int) ; arg.z|length
(declare-const v12 Int) ; arg.z|text
(define-fun p14 () Bool (and (= v6 3) (= v12 1)))
(define-fun p15 () Bool (or (not p14) (not v7)))
(define-fun p16 () Bool (or (not p14) (not v9)))
(define-fun p17 () Bool (or (not p14) (not v10)))
(define-fun p18 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p9 p11 p12 p13 (>= v11 0) p15 p16 p17))
(declare-const v13 Bool) ; arg.x|present
(declare-const v14 Bool) ; arg.z|present
(define-fun p19 () Bool (and v14 p14))
(define-fun p20 () Bool (or p19 (not v14)))
(define-fun p21 () Bool (and (not v13) p20))
(define-fun p22 () Bool (and p18 p21 false (not p21) false))
(assert p22)

; --- text, number, truth
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Int) ; arg.x|text
(define-fun p7 () Bool (and (= v0 3) (= v6 1)))
(define-fun p8 () Bool (or (not p7) (not v1)))
(define-fun p9 () Bool (or (not p7) (not v3)))
(define-fun p10 () Bool (or (not p7) (not v4)))
(define-fun p11 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p8 p9 p10))
(declare-const v7 Bool) ; arg.x|present
(declare-const v8 Real) ; arg.x|amount
(define-fun p12 () Bool (and (= v0 2) (= v8 5.0)))
(declare-const v9 Bool) ; arg.x|truth
(define-fun p13 () Bool (and (= v0 1) v9))
(define-fun p14 () Bool (and (= v0 1) (not v9)))
(define-fun p15 () Bool (and (= v0 2) (= v8 (/ 5.0 2.0))))
(define-fun p16 () Bool (or p7 p12 p13 p14 p15))
(define-fun p17 () Bool (and v7 p16))
(define-fun p18 () Bool (and p11 p17 false (not p17) false))
(assert p18)

; --- an amount
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Int) ; arg.z|sort
(define-fun p7 () Bool (or (= v6 0) (= v6 1) (= v6 2) (= v6 3) (= v6 4) (= v6 5)))
(declare-const v7 Bool) ; arg.z|is amount
(declare-const v8 Int) ; arg.z|currency
(define-fun p8 () Bool (and v7 (= v8 0)))
(define-fun p9 () Bool (or (not (= v6 2)) p8))
(define-fun p10 () Bool (or (= v6 2) (= v6 3) (= v6 5)))
(define-fun p11 () Bool (or (not v7) p10))
(declare-const v9 Bool) ; arg.z|is day
(define-fun p12 () Bool (or (not v9) (= v6 3)))
(declare-const v10 Bool) ; arg.z|is moment
(define-fun p13 () Bool (or (not v10) (= v6 3)))
(declare-const v11 Int) ; arg.z|length
(declare-const v12 Int) ; arg.u|sort
(define-fun p14 () Bool (or (= v12 0) (= v12 1) (= v12 2) (= v12 3) (= v12 4) (= v12 5)))
(declare-const v13 Bool) ; arg.u|is amount
(declare-const v14 Int) ; arg.u|currency
(define-fun p15 () Bool (and v13 (= v14 0)))
(define-fun p16 () Bool (or (not (= v12 2)) p15))
(define-fun p17 () Bool (or (= v12 2) (= v12 3) (= v12 5)))
(define-fun p18 () Bool (or (not v13) p17))
(declare-const v15 Bool) ; arg.u|is day
(define-fun p19 () Bool (or (not v15) (= v12 3)))
(declare-const v16 Bool) ; arg.u|is moment
(define-fun p20 () Bool (or (not v16) (= v12 3)))
(declare-const v17 Int) ; arg.u|length
(define-fun p21 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p9 p11 p12 p13 (>= v11 0) p14 p16 p18 p19 p20 (>= v17 0)))
(declare-const v18 Bool) ; arg.x|present
(define-fun p22 () Bool (or (= v2 0) (= v2 1)))
(define-fun p23 () Bool (and v1 p22))
(declare-const v19 Real) ; arg.x|amount
(define-fun p24 () Bool (and p23 (= v19 5.0)))
(define-fun p25 () Bool (and v18 p24))
(declare-const v20 Bool) ; arg.z|present
(define-fun p26 () Bool (or (= v8 0) (= v8 1)))
(define-fun p27 () Bool (and v7 p26))
(declare-const v21 Real) ; arg.z|amount
(define-fun p28 () Bool (and p27 (= v21 6.0)))
(define-fun p29 () Bool (and v20 p28))
(declare-const v22 Bool) ; arg.u|present
(define-fun p30 () Bool (or (= v14 0) (= v14 2)))
(define-fun p31 () Bool (and v13 p30))
(declare-const v23 Real) ; arg.u|amount
(define-fun p32 () Bool (and p31 (= v23 5.0)))
(define-fun p33 () Bool (and v22 p32))
(define-fun p34 () Bool (and p25 p29 p33))
(define-fun p35 () Bool (and p21 p34 false (not p34) false))
(assert p35)

; --- ranges
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Int) ; arg.z|sort
(define-fun p7 () Bool (or (= v6 0) (= v6 1) (= v6 2) (= v6 3) (= v6 4) (= v6 5)))
(declare-const v7 Bool) ; arg.z|is amount
(declare-const v8 Int) ; arg.z|currency
(define-fun p8 () Bool (and v7 (= v8 0)))
(define-fun p9 () Bool (or (not (= v6 2)) p8))
(define-fun p10 () Bool (or (= v6 2) (= v6 3) (= v6 5)))
(define-fun p11 () Bool (or (not v7) p10))
(declare-const v9 Bool) ; arg.z|is day
(define-fun p12 () Bool (or (not v9) (= v6 3)))
(declare-const v10 Bool) ; arg.z|is moment
(define-fun p13 () Bool (or (not v10) (= v6 3)))
(declare-const v11 Int) ; arg.z|length
(define-fun p14 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p9 p11 p12 p13 (>= v11 0)))
(declare-const v12 Bool) ; arg.x|present
(declare-const v13 Real) ; arg.x|amount
(define-fun p15 () Bool (and (= v0 2) (> v13 5.0)))
(define-fun p16 () Bool (and (= v0 2) (<= v13 7.0)))
(define-fun p17 () Bool (and p15 p16))
(define-fun p18 () Bool (and v12 p17))
(declare-const v14 Bool) ; arg.z|present
(define-fun p19 () Bool (or (= v8 0) (= v8 1)))
(define-fun p20 () Bool (and v7 p19))
(declare-const v15 Real) ; arg.z|amount
(define-fun p21 () Bool (and p20 (>= v15 5.0)))
(define-fun p22 () Bool (and p20 (< v15 9.0)))
(define-fun p23 () Bool (and p21 p22))
(define-fun p24 () Bool (and v14 p23))
(define-fun p25 () Bool (and p18 p24))
(define-fun p26 () Bool (and p14 p25 false (not p25) false))
(assert p26)

; --- days
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(define-fun p7 () Bool (and p0 p2 p4 p5 p6 (>= v5 0)))
(declare-const v6 Bool) ; arg.x|present
(declare-const v7 Int) ; arg.x|day
(define-fun p8 () Bool (and v3 (> v7 739617)))
(define-fun p9 () Bool (and v3 (<= v7 739621)))
(define-fun p10 () Bool (and p8 p9))
(define-fun p11 () Bool (and v6 p10))
(define-fun p12 () Bool (and p7 p11 false (not p11) false))
(assert p12)

; --- moments
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(define-fun p7 () Bool (and p0 p2 p4 p5 p6 (>= v5 0)))
(declare-const v6 Bool) ; arg.x|present
(declare-const v7 Int) ; arg.x|moment
(define-fun p8 () Bool (and v4 (>= v7 1767268800000000)))
(define-fun p9 () Bool (and v4 (< v7 1767272400000000)))
(define-fun p10 () Bool (and p8 p9))
(define-fun p11 () Bool (and v6 p10))
(define-fun p12 () Bool (and p7 p11 false (not p11) false))
(assert p12)

; --- an input of the task
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|is task.own
(declare-const v1 Int) ; arg.x|sort
(declare-const v2 Int) ; task.own|sort
(declare-const v3 Bool) ; arg.x|truth
(declare-const v4 Bool) ; task.own|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.own|amount
(declare-const v6 Real) ; arg.x|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.own|text
(declare-const v8 Int) ; arg.x|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(declare-const v9 Bool) ; arg.z|is task.own
(declare-const v10 Int) ; arg.z|sort
(declare-const v11 Bool) ; arg.z|truth
(define-fun p10 () Bool (or (not v11) v4))
(define-fun p11 () Bool (or (not v4) v11))
(define-fun p12 () Bool (and p10 p11))
(define-fun p13 () Bool (and (= v10 1) (= v2 1) p12))
(declare-const v12 Real) ; arg.z|amount
(define-fun p14 () Bool (and (= v10 2) (= v2 2) (= v12 v5)))
(declare-const v13 Int) ; arg.z|text
(define-fun p15 () Bool (and (= v10 3) (= v2 3) (= v13 v7)))
(define-fun p16 () Bool (or p13 p14 p15))
(define-fun p17 () Bool (or (not v9) p16))
(define-fun p18 () Bool (or (not p16) v9))
(define-fun p19 () Bool (and p17 p18))
(define-fun p20 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v14 Bool) ; arg.x|is amount
(declare-const v15 Int) ; arg.x|currency
(define-fun p21 () Bool (and v14 (= v15 0)))
(define-fun p22 () Bool (or (not (= v1 2)) p21))
(define-fun p23 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p24 () Bool (or (not v14) p23))
(declare-const v16 Bool) ; arg.x|is day
(define-fun p25 () Bool (or (not v16) (= v1 3)))
(declare-const v17 Bool) ; arg.x|is moment
(define-fun p26 () Bool (or (not v17) (= v1 3)))
(declare-const v18 Int) ; arg.x|length
(declare-const v19 Bool) ; task.own|is amount
(define-fun p27 () Bool (or (not v14) v19))
(define-fun p28 () Bool (or (not v19) v14))
(define-fun p29 () Bool (and p27 p28))
(define-fun p30 () Bool (or (not v0) p29))
(declare-const v20 Bool) ; task.own|is day
(define-fun p31 () Bool (or (not v16) v20))
(define-fun p32 () Bool (or (not v20) v16))
(define-fun p33 () Bool (and p31 p32))
(define-fun p34 () Bool (or (not v0) p33))
(declare-const v21 Bool) ; task.own|is moment
(define-fun p35 () Bool (or (not v17) v21))
(define-fun p36 () Bool (or (not v21) v17))
(define-fun p37 () Bool (and p35 p36))
(define-fun p38 () Bool (or (not v0) p37))
(define-fun p39 () Bool (or (not v0) (= v6 v5)))
(declare-const v22 Int) ; task.own|currency
(define-fun p40 () Bool (or (not v0) (= v15 v22)))
(declare-const v23 Int) ; task.own|day
(declare-const v24 Int) ; arg.x|day
(define-fun p41 () Bool (or (not v0) (= v24 v23)))
(declare-const v25 Int) ; task.own|moment
(declare-const v26 Int) ; arg.x|moment
(define-fun p42 () Bool (or (not v0) (= v26 v25)))
(define-fun p43 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p44 () Bool (and v19 (= v22 0)))
(define-fun p45 () Bool (or (not (= v2 2)) p44))
(define-fun p46 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p47 () Bool (or (not v19) p46))
(define-fun p48 () Bool (or (not v20) (= v2 3)))
(define-fun p49 () Bool (or (not v21) (= v2 3)))
(declare-const v27 Int) ; task.own|length
(define-fun p50 () Bool (or (= v10 0) (= v10 1) (= v10 2) (= v10 3) (= v10 4) (= v10 5)))
(declare-const v28 Bool) ; arg.z|is amount
(declare-const v29 Int) ; arg.z|currency
(define-fun p51 () Bool (and v28 (= v29 0)))
(define-fun p52 () Bool (or (not (= v10 2)) p51))
(define-fun p53 () Bool (or (= v10 2) (= v10 3) (= v10 5)))
(define-fun p54 () Bool (or (not v28) p53))
(declare-const v30 Bool) ; arg.z|is day
(define-fun p55 () Bool (or (not v30) (= v10 3)))
(declare-const v31 Bool) ; arg.z|is moment
(define-fun p56 () Bool (or (not v31) (= v10 3)))
(declare-const v32 Int) ; arg.z|length
(define-fun p57 () Bool (or (not v28) v19))
(define-fun p58 () Bool (or (not v19) v28))
(define-fun p59 () Bool (and p57 p58))
(define-fun p60 () Bool (or (not v9) p59))
(define-fun p61 () Bool (or (not v30) v20))
(define-fun p62 () Bool (or (not v20) v30))
(define-fun p63 () Bool (and p61 p62))
(define-fun p64 () Bool (or (not v9) p63))
(define-fun p65 () Bool (or (not v31) v21))
(define-fun p66 () Bool (or (not v21) v31))
(define-fun p67 () Bool (and p65 p66))
(define-fun p68 () Bool (or (not v9) p67))
(define-fun p69 () Bool (or (not v9) (= v12 v5)))
(define-fun p70 () Bool (or (not v9) (= v29 v22)))
(declare-const v33 Int) ; arg.z|day
(define-fun p71 () Bool (or (not v9) (= v33 v23)))
(declare-const v34 Int) ; arg.z|moment
(define-fun p72 () Bool (or (not v9) (= v34 v25)))
(define-fun p73 () Bool (and p9 p19 p20 p22 p24 p25 p26 (>= v18 0) p30 p34 p38 p39 p40 p41 p42 p43 p45 p47 p48 p49 (>= v27 0) p50 p52 p54 p55 p56 (>= v32 0) p60 p64 p68 p69 p70 p71 p72))
(declare-const v35 Bool) ; arg.x|present
(define-fun p74 () Bool (and v35 v0))
(declare-const v36 Bool) ; arg.z|present
(define-fun p75 () Bool (or (= v29 0) (= v29 1)))
(define-fun p76 () Bool (and v28 p75))
(define-fun p77 () Bool (and p76 (= v12 5.0)))
(define-fun p78 () Bool (or v9 p77))
(define-fun p79 () Bool (and v36 p78))
(define-fun p80 () Bool (and p74 p79))
(define-fun p81 () Bool (and p73 p80 false (not p80) false))
(assert p81)

; --- an input and a word
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|is task.own
(declare-const v1 Int) ; arg.x|sort
(declare-const v2 Int) ; task.own|sort
(declare-const v3 Bool) ; arg.x|truth
(declare-const v4 Bool) ; task.own|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.own|amount
(declare-const v6 Real) ; arg.x|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.own|text
(declare-const v8 Int) ; arg.x|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(declare-const v9 Bool) ; arg.z|is task.own
(declare-const v10 Int) ; arg.z|sort
(declare-const v11 Bool) ; arg.z|truth
(define-fun p10 () Bool (or (not v11) v4))
(define-fun p11 () Bool (or (not v4) v11))
(define-fun p12 () Bool (and p10 p11))
(define-fun p13 () Bool (and (= v10 1) (= v2 1) p12))
(declare-const v12 Real) ; arg.z|amount
(define-fun p14 () Bool (and (= v10 2) (= v2 2) (= v12 v5)))
(declare-const v13 Int) ; arg.z|text
(define-fun p15 () Bool (and (= v10 3) (= v2 3) (= v13 v7)))
(define-fun p16 () Bool (or p13 p14 p15))
(define-fun p17 () Bool (or (not v9) p16))
(define-fun p18 () Bool (or (not p16) v9))
(define-fun p19 () Bool (and p17 p18))
(define-fun p20 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v14 Bool) ; arg.x|is amount
(declare-const v15 Int) ; arg.x|currency
(define-fun p21 () Bool (and v14 (= v15 0)))
(define-fun p22 () Bool (or (not (= v1 2)) p21))
(define-fun p23 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p24 () Bool (or (not v14) p23))
(declare-const v16 Bool) ; arg.x|is day
(define-fun p25 () Bool (or (not v16) (= v1 3)))
(declare-const v17 Bool) ; arg.x|is moment
(define-fun p26 () Bool (or (not v17) (= v1 3)))
(declare-const v18 Int) ; arg.x|length
(define-fun p27 () Bool (and (= v1 3) (= v8 1)))
(define-fun p28 () Bool (or (not p27) (not v14)))
(define-fun p29 () Bool (or (not p27) (not v16)))
(define-fun p30 () Bool (or (not p27) (not v17)))
(declare-const v19 Bool) ; task.own|is amount
(define-fun p31 () Bool (or (not v14) v19))
(define-fun p32 () Bool (or (not v19) v14))
(define-fun p33 () Bool (and p31 p32))
(define-fun p34 () Bool (or (not v0) p33))
(declare-const v20 Bool) ; task.own|is day
(define-fun p35 () Bool (or (not v16) v20))
(define-fun p36 () Bool (or (not v20) v16))
(define-fun p37 () Bool (and p35 p36))
(define-fun p38 () Bool (or (not v0) p37))
(declare-const v21 Bool) ; task.own|is moment
(define-fun p39 () Bool (or (not v17) v21))
(define-fun p40 () Bool (or (not v21) v17))
(define-fun p41 () Bool (and p39 p40))
(define-fun p42 () Bool (or (not v0) p41))
(define-fun p43 () Bool (or (not v0) (= v6 v5)))
(declare-const v22 Int) ; task.own|currency
(define-fun p44 () Bool (or (not v0) (= v15 v22)))
(declare-const v23 Int) ; task.own|day
(declare-const v24 Int) ; arg.x|day
(define-fun p45 () Bool (or (not v0) (= v24 v23)))
(declare-const v25 Int) ; task.own|moment
(declare-const v26 Int) ; arg.x|moment
(define-fun p46 () Bool (or (not v0) (= v26 v25)))
(define-fun p47 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p48 () Bool (and v19 (= v22 0)))
(define-fun p49 () Bool (or (not (= v2 2)) p48))
(define-fun p50 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p51 () Bool (or (not v19) p50))
(define-fun p52 () Bool (or (not v20) (= v2 3)))
(define-fun p53 () Bool (or (not v21) (= v2 3)))
(declare-const v27 Int) ; task.own|length
(define-fun p54 () Bool (and (= v2 3) (= v7 1)))
(define-fun p55 () Bool (or (not p54) (not v19)))
(define-fun p56 () Bool (or (not p54) (not v20)))
(define-fun p57 () Bool (or (not p54) (not v21)))
(define-fun p58 () Bool (or (= v10 0) (= v10 1) (= v10 2) (= v10 3) (= v10 4) (= v10 5)))
(declare-const v28 Bool) ; arg.z|is amount
(declare-const v29 Int) ; arg.z|currency
(define-fun p59 () Bool (and v28 (= v29 0)))
(define-fun p60 () Bool (or (not (= v10 2)) p59))
(define-fun p61 () Bool (or (= v10 2) (= v10 3) (= v10 5)))
(define-fun p62 () Bool (or (not v28) p61))
(declare-const v30 Bool) ; arg.z|is day
(define-fun p63 () Bool (or (not v30) (= v10 3)))
(declare-const v31 Bool) ; arg.z|is moment
(define-fun p64 () Bool (or (not v31) (= v10 3)))
(declare-const v32 Int) ; arg.z|length
(define-fun p65 () Bool (and (= v10 3) (= v13 1)))
(define-fun p66 () Bool (or (not p65) (not v28)))
(define-fun p67 () Bool (or (not p65) (not v30)))
(define-fun p68 () Bool (or (not p65) (not v31)))
(define-fun p69 () Bool (or (not v28) v19))
(define-fun p70 () Bool (or (not v19) v28))
(define-fun p71 () Bool (and p69 p70))
(define-fun p72 () Bool (or (not v9) p71))
(define-fun p73 () Bool (or (not v30) v20))
(define-fun p74 () Bool (or (not v20) v30))
(define-fun p75 () Bool (and p73 p74))
(define-fun p76 () Bool (or (not v9) p75))
(define-fun p77 () Bool (or (not v31) v21))
(define-fun p78 () Bool (or (not v21) v31))
(define-fun p79 () Bool (and p77 p78))
(define-fun p80 () Bool (or (not v9) p79))
(define-fun p81 () Bool (or (not v9) (= v12 v5)))
(define-fun p82 () Bool (or (not v9) (= v29 v22)))
(declare-const v33 Int) ; arg.z|day
(define-fun p83 () Bool (or (not v9) (= v33 v23)))
(declare-const v34 Int) ; arg.z|moment
(define-fun p84 () Bool (or (not v9) (= v34 v25)))
(define-fun p85 () Bool (and p9 p19 p20 p22 p24 p25 p26 (>= v18 0) p28 p29 p30 p34 p38 p42 p43 p44 p45 p46 p47 p49 p51 p52 p53 (>= v27 0) p55 p56 p57 p58 p60 p62 p63 p64 (>= v32 0) p66 p67 p68 p72 p76 p80 p81 p82 p83 p84))
(declare-const v35 Bool) ; arg.x|present
(define-fun p86 () Bool (and v35 v0))
(declare-const v36 Bool) ; arg.z|present
(define-fun p87 () Bool (or v9 p65))
(define-fun p88 () Bool (and v36 p87))
(define-fun p89 () Bool (and p86 p88))
(define-fun p90 () Bool (and p85 p89 false (not p89) false))
(assert p90)

; --- two arguments of one input
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|is task.own
(declare-const v1 Int) ; arg.x|sort
(declare-const v2 Int) ; task.own|sort
(declare-const v3 Bool) ; arg.x|truth
(declare-const v4 Bool) ; task.own|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.own|amount
(declare-const v6 Real) ; arg.x|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.own|text
(declare-const v8 Int) ; arg.x|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(declare-const v9 Bool) ; arg.z|is task.own
(declare-const v10 Int) ; arg.z|sort
(declare-const v11 Bool) ; arg.z|truth
(define-fun p10 () Bool (or (not v11) v4))
(define-fun p11 () Bool (or (not v4) v11))
(define-fun p12 () Bool (and p10 p11))
(define-fun p13 () Bool (and (= v10 1) (= v2 1) p12))
(declare-const v12 Real) ; arg.z|amount
(define-fun p14 () Bool (and (= v10 2) (= v2 2) (= v12 v5)))
(declare-const v13 Int) ; arg.z|text
(define-fun p15 () Bool (and (= v10 3) (= v2 3) (= v13 v7)))
(define-fun p16 () Bool (or p13 p14 p15))
(define-fun p17 () Bool (or (not v9) p16))
(define-fun p18 () Bool (or (not p16) v9))
(define-fun p19 () Bool (and p17 p18))
(define-fun p20 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v14 Bool) ; arg.x|is amount
(declare-const v15 Int) ; arg.x|currency
(define-fun p21 () Bool (and v14 (= v15 0)))
(define-fun p22 () Bool (or (not (= v1 2)) p21))
(define-fun p23 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p24 () Bool (or (not v14) p23))
(declare-const v16 Bool) ; arg.x|is day
(define-fun p25 () Bool (or (not v16) (= v1 3)))
(declare-const v17 Bool) ; arg.x|is moment
(define-fun p26 () Bool (or (not v17) (= v1 3)))
(declare-const v18 Int) ; arg.x|length
(declare-const v19 Bool) ; arg.x|passes max_length["int 5"][]
(define-fun p27 () Bool (or (not v19) (= v1 3)))
(declare-const v20 Bool) ; task.own|is amount
(define-fun p28 () Bool (or (not v14) v20))
(define-fun p29 () Bool (or (not v20) v14))
(define-fun p30 () Bool (and p28 p29))
(define-fun p31 () Bool (or (not v0) p30))
(declare-const v21 Bool) ; task.own|is day
(define-fun p32 () Bool (or (not v16) v21))
(define-fun p33 () Bool (or (not v21) v16))
(define-fun p34 () Bool (and p32 p33))
(define-fun p35 () Bool (or (not v0) p34))
(declare-const v22 Bool) ; task.own|is moment
(define-fun p36 () Bool (or (not v17) v22))
(define-fun p37 () Bool (or (not v22) v17))
(define-fun p38 () Bool (and p36 p37))
(define-fun p39 () Bool (or (not v0) p38))
(define-fun p40 () Bool (or (not v0) (= v6 v5)))
(declare-const v23 Int) ; task.own|currency
(define-fun p41 () Bool (or (not v0) (= v15 v23)))
(declare-const v24 Int) ; task.own|day
(declare-const v25 Int) ; arg.x|day
(define-fun p42 () Bool (or (not v0) (= v25 v24)))
(declare-const v26 Int) ; task.own|moment
(declare-const v27 Int) ; arg.x|moment
(define-fun p43 () Bool (or (not v0) (= v27 v26)))
(declare-const v28 Bool) ; task.own|passes max_length["int 5"][]
(define-fun p44 () Bool (or (not v19) v28))
(define-fun p45 () Bool (or (not v28) v19))
(define-fun p46 () Bool (and p44 p45))
(define-fun p47 () Bool (or (not v0) p46))
(define-fun p48 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p49 () Bool (and v20 (= v23 0)))
(define-fun p50 () Bool (or (not (= v2 2)) p49))
(define-fun p51 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p52 () Bool (or (not v20) p51))
(define-fun p53 () Bool (or (not v21) (= v2 3)))
(define-fun p54 () Bool (or (not v22) (= v2 3)))
(declare-const v29 Int) ; task.own|length
(define-fun p55 () Bool (or (not v28) (= v2 3)))
(define-fun p56 () Bool (or (= v10 0) (= v10 1) (= v10 2) (= v10 3) (= v10 4) (= v10 5)))
(declare-const v30 Bool) ; arg.z|is amount
(declare-const v31 Int) ; arg.z|currency
(define-fun p57 () Bool (and v30 (= v31 0)))
(define-fun p58 () Bool (or (not (= v10 2)) p57))
(define-fun p59 () Bool (or (= v10 2) (= v10 3) (= v10 5)))
(define-fun p60 () Bool (or (not v30) p59))
(declare-const v32 Bool) ; arg.z|is day
(define-fun p61 () Bool (or (not v32) (= v10 3)))
(declare-const v33 Bool) ; arg.z|is moment
(define-fun p62 () Bool (or (not v33) (= v10 3)))
(declare-const v34 Int) ; arg.z|length
(declare-const v35 Bool) ; arg.z|passes max_length["int 5"][]
(define-fun p63 () Bool (or (not v35) (= v10 3)))
(define-fun p64 () Bool (or (not v30) v20))
(define-fun p65 () Bool (or (not v20) v30))
(define-fun p66 () Bool (and p64 p65))
(define-fun p67 () Bool (or (not v9) p66))
(define-fun p68 () Bool (or (not v32) v21))
(define-fun p69 () Bool (or (not v21) v32))
(define-fun p70 () Bool (and p68 p69))
(define-fun p71 () Bool (or (not v9) p70))
(define-fun p72 () Bool (or (not v33) v22))
(define-fun p73 () Bool (or (not v22) v33))
(define-fun p74 () Bool (and p72 p73))
(define-fun p75 () Bool (or (not v9) p74))
(define-fun p76 () Bool (or (not v9) (= v12 v5)))
(define-fun p77 () Bool (or (not v9) (= v31 v23)))
(declare-const v36 Int) ; arg.z|day
(define-fun p78 () Bool (or (not v9) (= v36 v24)))
(declare-const v37 Int) ; arg.z|moment
(define-fun p79 () Bool (or (not v9) (= v37 v26)))
(define-fun p80 () Bool (or (not v35) v28))
(define-fun p81 () Bool (or (not v28) v35))
(define-fun p82 () Bool (and p80 p81))
(define-fun p83 () Bool (or (not v9) p82))
(define-fun p84 () Bool (and p9 p19 p20 p22 p24 p25 p26 (>= v18 0) p27 p31 p35 p39 p40 p41 p42 p43 p47 p47 p48 p50 p52 p53 p54 (>= v29 0) p55 p56 p58 p60 p61 p62 (>= v34 0) p63 p67 p71 p75 p76 p77 p78 p79 p83 p83))
(declare-const v38 Bool) ; arg.x|present
(define-fun p85 () Bool (and v38 v0))
(declare-const v39 Bool) ; arg.z|present
(define-fun p86 () Bool (and v39 v9))
(define-fun p87 () Bool (or (not (= v10 3)) v35))
(define-fun p88 () Bool (and v39 p87))
(define-fun p89 () Bool (and p85 p86 (not p88)))
(define-fun p90 () Bool (and p84 p89 false (not p89) false))
(assert p90)

; --- an input among items
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|passes some[][is["TaskInput TaskInput(name='own')"][]]
(declare-const v1 Bool) ; arg.x|may some[][is["TaskInput TaskInput(name='own')"][]]
(define-fun p0 () Bool (or (not v0) v1))
(declare-const v2 Bool) ; arg.x#0|is task.own
(declare-const v3 Int) ; arg.x#0|sort
(declare-const v4 Int) ; task.own|sort
(declare-const v5 Bool) ; arg.x#0|truth
(declare-const v6 Bool) ; task.own|truth
(define-fun p1 () Bool (or (not v5) v6))
(define-fun p2 () Bool (or (not v6) v5))
(define-fun p3 () Bool (and p1 p2))
(define-fun p4 () Bool (and (= v3 1) (= v4 1) p3))
(declare-const v7 Real) ; task.own|amount
(declare-const v8 Real) ; arg.x#0|amount
(define-fun p5 () Bool (and (= v3 2) (= v4 2) (= v8 v7)))
(declare-const v9 Int) ; task.own|text
(declare-const v10 Int) ; arg.x#0|text
(define-fun p6 () Bool (and (= v3 3) (= v4 3) (= v10 v9)))
(define-fun p7 () Bool (or p4 p5 p6))
(define-fun p8 () Bool (or (not v2) p7))
(define-fun p9 () Bool (or (not p7) v2))
(define-fun p10 () Bool (and p8 p9))
(declare-const v11 Int) ; arg.x|sort
(define-fun p11 () Bool (or (= v11 0) (= v11 1) (= v11 2) (= v11 3) (= v11 4) (= v11 5)))
(declare-const v12 Bool) ; arg.x|is amount
(declare-const v13 Int) ; arg.x|currency
(define-fun p12 () Bool (and v12 (= v13 0)))
(define-fun p13 () Bool (or (not (= v11 2)) p12))
(define-fun p14 () Bool (or (= v11 2) (= v11 3) (= v11 5)))
(define-fun p15 () Bool (or (not v12) p14))
(declare-const v14 Bool) ; arg.x|is day
(define-fun p16 () Bool (or (not v14) (= v11 3)))
(declare-const v15 Bool) ; arg.x|is moment
(define-fun p17 () Bool (or (not v15) (= v11 3)))
(declare-const v16 Int) ; arg.x|length
(define-fun p18 () Bool (or (not v0) (= v11 4)))
(declare-const v17 Bool) ; arg.x#0|present
(define-fun p19 () Bool (and (= v11 4) (>= v16 1)))
(define-fun p20 () Bool (or (not v17) p19))
(define-fun p21 () Bool (and v17 v2))
(define-fun p22 () Bool (or (not v0) p21))
(define-fun p23 () Bool (and (= v11 4) (not v0) v17))
(define-fun p24 () Bool (or (not p23) (not v2)))
(define-fun p25 () Bool (or (= v3 0) (= v3 1) (= v3 2) (= v3 3) (= v3 4) (= v3 5)))
(declare-const v18 Bool) ; arg.x#0|is amount
(declare-const v19 Int) ; arg.x#0|currency
(define-fun p26 () Bool (and v18 (= v19 0)))
(define-fun p27 () Bool (or (not (= v3 2)) p26))
(define-fun p28 () Bool (or (= v3 2) (= v3 3) (= v3 5)))
(define-fun p29 () Bool (or (not v18) p28))
(declare-const v20 Bool) ; arg.x#0|is day
(define-fun p30 () Bool (or (not v20) (= v3 3)))
(declare-const v21 Bool) ; arg.x#0|is moment
(define-fun p31 () Bool (or (not v21) (= v3 3)))
(declare-const v22 Int) ; arg.x#0|length
(declare-const v23 Bool) ; task.own|is amount
(define-fun p32 () Bool (or (not v18) v23))
(define-fun p33 () Bool (or (not v23) v18))
(define-fun p34 () Bool (and p32 p33))
(define-fun p35 () Bool (or (not v2) p34))
(declare-const v24 Bool) ; task.own|is day
(define-fun p36 () Bool (or (not v20) v24))
(define-fun p37 () Bool (or (not v24) v20))
(define-fun p38 () Bool (and p36 p37))
(define-fun p39 () Bool (or (not v2) p38))
(declare-const v25 Bool) ; task.own|is moment
(define-fun p40 () Bool (or (not v21) v25))
(define-fun p41 () Bool (or (not v25) v21))
(define-fun p42 () Bool (and p40 p41))
(define-fun p43 () Bool (or (not v2) p42))
(define-fun p44 () Bool (or (not v2) (= v8 v7)))
(declare-const v26 Int) ; task.own|currency
(define-fun p45 () Bool (or (not v2) (= v19 v26)))
(declare-const v27 Int) ; task.own|day
(declare-const v28 Int) ; arg.x#0|day
(define-fun p46 () Bool (or (not v2) (= v28 v27)))
(declare-const v29 Int) ; task.own|moment
(declare-const v30 Int) ; arg.x#0|moment
(define-fun p47 () Bool (or (not v2) (= v30 v29)))
(define-fun p48 () Bool (or (= v4 0) (= v4 1) (= v4 2) (= v4 3) (= v4 4) (= v4 5)))
(define-fun p49 () Bool (and v23 (= v26 0)))
(define-fun p50 () Bool (or (not (= v4 2)) p49))
(define-fun p51 () Bool (or (= v4 2) (= v4 3) (= v4 5)))
(define-fun p52 () Bool (or (not v23) p51))
(define-fun p53 () Bool (or (not v24) (= v4 3)))
(define-fun p54 () Bool (or (not v25) (= v4 3)))
(declare-const v31 Int) ; task.own|length
(define-fun p55 () Bool (and p0 p10 p11 p13 p15 p16 p17 (>= v16 0) p18 p20 p22 p24 p25 p27 p29 p30 p31 (>= v22 0) p35 p39 p43 p44 p45 p46 p47 p48 p50 p52 p53 p54 (>= v31 0)))
(declare-const v32 Bool) ; arg.x|present
(define-fun p56 () Bool (and v32 v1))
(define-fun p57 () Bool (and v32 (not p56)))
(define-fun p58 () Bool (and p55 p57 false (not p57) false))
(assert p58)

; --- never an input
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|is task.own
(declare-const v1 Int) ; arg.x|sort
(declare-const v2 Int) ; task.own|sort
(declare-const v3 Bool) ; arg.x|truth
(declare-const v4 Bool) ; task.own|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.own|amount
(declare-const v6 Real) ; arg.x|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.own|text
(declare-const v8 Int) ; arg.x|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(define-fun p10 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v9 Bool) ; arg.x|is amount
(declare-const v10 Int) ; arg.x|currency
(define-fun p11 () Bool (and v9 (= v10 0)))
(define-fun p12 () Bool (or (not (= v1 2)) p11))
(define-fun p13 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p14 () Bool (or (not v9) p13))
(declare-const v11 Bool) ; arg.x|is day
(define-fun p15 () Bool (or (not v11) (= v1 3)))
(declare-const v12 Bool) ; arg.x|is moment
(define-fun p16 () Bool (or (not v12) (= v1 3)))
(declare-const v13 Int) ; arg.x|length
(define-fun p17 () Bool (and (= v1 3) (= v8 1)))
(define-fun p18 () Bool (or (not p17) (not v9)))
(define-fun p19 () Bool (or (not p17) (not v11)))
(define-fun p20 () Bool (or (not p17) (not v12)))
(declare-const v14 Bool) ; task.own|is amount
(define-fun p21 () Bool (or (not v9) v14))
(define-fun p22 () Bool (or (not v14) v9))
(define-fun p23 () Bool (and p21 p22))
(define-fun p24 () Bool (or (not v0) p23))
(declare-const v15 Bool) ; task.own|is day
(define-fun p25 () Bool (or (not v11) v15))
(define-fun p26 () Bool (or (not v15) v11))
(define-fun p27 () Bool (and p25 p26))
(define-fun p28 () Bool (or (not v0) p27))
(declare-const v16 Bool) ; task.own|is moment
(define-fun p29 () Bool (or (not v12) v16))
(define-fun p30 () Bool (or (not v16) v12))
(define-fun p31 () Bool (and p29 p30))
(define-fun p32 () Bool (or (not v0) p31))
(define-fun p33 () Bool (or (not v0) (= v6 v5)))
(declare-const v17 Int) ; task.own|currency
(define-fun p34 () Bool (or (not v0) (= v10 v17)))
(declare-const v18 Int) ; task.own|day
(declare-const v19 Int) ; arg.x|day
(define-fun p35 () Bool (or (not v0) (= v19 v18)))
(declare-const v20 Int) ; task.own|moment
(declare-const v21 Int) ; arg.x|moment
(define-fun p36 () Bool (or (not v0) (= v21 v20)))
(define-fun p37 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p38 () Bool (and v14 (= v17 0)))
(define-fun p39 () Bool (or (not (= v2 2)) p38))
(define-fun p40 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p41 () Bool (or (not v14) p40))
(define-fun p42 () Bool (or (not v15) (= v2 3)))
(define-fun p43 () Bool (or (not v16) (= v2 3)))
(declare-const v22 Int) ; task.own|length
(define-fun p44 () Bool (and (= v2 3) (= v7 1)))
(define-fun p45 () Bool (or (not p44) (not v14)))
(define-fun p46 () Bool (or (not p44) (not v15)))
(define-fun p47 () Bool (or (not p44) (not v16)))
(define-fun p48 () Bool (and p9 p10 p12 p14 p15 p16 (>= v13 0) p18 p19 p20 p24 p28 p32 p33 p34 p35 p36 p37 p39 p41 p42 p43 (>= v22 0) p45 p46 p47))
(declare-const v23 Bool) ; arg.x|present
(define-fun p49 () Bool (and (= v1 1) (= v2 1)))
(define-fun p50 () Bool (and (= v1 2) (= v2 2)))
(define-fun p51 () Bool (and (= v1 3) (= v2 3)))
(define-fun p52 () Bool (or (= v1 3) p49 p50 p51))
(define-fun p53 () Bool (or p17 v0 (= v2 0) (not p52)))
(define-fun p54 () Bool (and v23 p53))
(define-fun p55 () Bool (and v23 (not p54)))
(define-fun p56 () Bool (and p48 p55 false (not p55) false))
(assert p56)

; --- an argument that only `never` names
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.z|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.z|is amount
(declare-const v2 Int) ; arg.z|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.z|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.z|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.z|length
(declare-const v6 Int) ; arg.x|sort
(define-fun p7 () Bool (or (= v6 0) (= v6 1) (= v6 2) (= v6 3) (= v6 4) (= v6 5)))
(declare-const v7 Bool) ; arg.x|is amount
(declare-const v8 Int) ; arg.x|currency
(define-fun p8 () Bool (and v7 (= v8 0)))
(define-fun p9 () Bool (or (not (= v6 2)) p8))
(define-fun p10 () Bool (or (= v6 2) (= v6 3) (= v6 5)))
(define-fun p11 () Bool (or (not v7) p10))
(declare-const v9 Bool) ; arg.x|is day
(define-fun p12 () Bool (or (not v9) (= v6 3)))
(declare-const v10 Bool) ; arg.x|is moment
(define-fun p13 () Bool (or (not v10) (= v6 3)))
(declare-const v11 Int) ; arg.x|length
(define-fun p14 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p9 p11 p12 p13 (>= v11 0)))
(declare-const v12 Bool) ; arg.z|present
(declare-const v13 Bool) ; arg.x|present
(declare-const v14 Real) ; arg.z|amount
(define-fun p15 () Bool (and (= v0 2) (= v14 1.0)))
(define-fun p16 () Bool (or p15 (not (= v0 2))))
(define-fun p17 () Bool (and v12 p16))
(define-fun p18 () Bool (and v13 p17))
(define-fun p19 () Bool (and (not v12) v13 (not p18)))
(define-fun p20 () Bool (and p14 p19 false (not p19) false))
(assert p20)

; --- an input beside tests
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|is task.own
(declare-const v1 Int) ; arg.x|sort
(declare-const v2 Int) ; task.own|sort
(declare-const v3 Bool) ; arg.x|truth
(declare-const v4 Bool) ; task.own|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.own|amount
(declare-const v6 Real) ; arg.x|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.own|text
(declare-const v8 Int) ; arg.x|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(define-fun p10 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v9 Bool) ; arg.x|is amount
(declare-const v10 Int) ; arg.x|currency
(define-fun p11 () Bool (and v9 (= v10 0)))
(define-fun p12 () Bool (or (not (= v1 2)) p11))
(define-fun p13 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p14 () Bool (or (not v9) p13))
(declare-const v11 Bool) ; arg.x|is day
(define-fun p15 () Bool (or (not v11) (= v1 3)))
(declare-const v12 Bool) ; arg.x|is moment
(define-fun p16 () Bool (or (not v12) (= v1 3)))
(declare-const v13 Int) ; arg.x|length
(declare-const v14 Bool) ; task.own|is amount
(define-fun p17 () Bool (or (not v9) v14))
(define-fun p18 () Bool (or (not v14) v9))
(define-fun p19 () Bool (and p17 p18))
(define-fun p20 () Bool (or (not v0) p19))
(declare-const v15 Bool) ; task.own|is day
(define-fun p21 () Bool (or (not v11) v15))
(define-fun p22 () Bool (or (not v15) v11))
(define-fun p23 () Bool (and p21 p22))
(define-fun p24 () Bool (or (not v0) p23))
(declare-const v16 Bool) ; task.own|is moment
(define-fun p25 () Bool (or (not v12) v16))
(define-fun p26 () Bool (or (not v16) v12))
(define-fun p27 () Bool (and p25 p26))
(define-fun p28 () Bool (or (not v0) p27))
(define-fun p29 () Bool (or (not v0) (= v6 v5)))
(declare-const v17 Int) ; task.own|currency
(define-fun p30 () Bool (or (not v0) (= v10 v17)))
(declare-const v18 Int) ; task.own|day
(declare-const v19 Int) ; arg.x|day
(define-fun p31 () Bool (or (not v0) (= v19 v18)))
(declare-const v20 Int) ; task.own|moment
(declare-const v21 Int) ; arg.x|moment
(define-fun p32 () Bool (or (not v0) (= v21 v20)))
(define-fun p33 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p34 () Bool (and v14 (= v17 0)))
(define-fun p35 () Bool (or (not (= v2 2)) p34))
(define-fun p36 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p37 () Bool (or (not v14) p36))
(define-fun p38 () Bool (or (not v15) (= v2 3)))
(define-fun p39 () Bool (or (not v16) (= v2 3)))
(declare-const v22 Int) ; task.own|length
(declare-const v23 Int) ; arg.z|sort
(define-fun p40 () Bool (or (= v23 0) (= v23 1) (= v23 2) (= v23 3) (= v23 4) (= v23 5)))
(declare-const v24 Bool) ; arg.z|is amount
(declare-const v25 Int) ; arg.z|currency
(define-fun p41 () Bool (and v24 (= v25 0)))
(define-fun p42 () Bool (or (not (= v23 2)) p41))
(define-fun p43 () Bool (or (= v23 2) (= v23 3) (= v23 5)))
(define-fun p44 () Bool (or (not v24) p43))
(declare-const v26 Bool) ; arg.z|is day
(define-fun p45 () Bool (or (not v26) (= v23 3)))
(declare-const v27 Bool) ; arg.z|is moment
(define-fun p46 () Bool (or (not v27) (= v23 3)))
(declare-const v28 Int) ; arg.z|length
(declare-const v29 Bool) ; arg.z|passes email[][]
(define-fun p47 () Bool (or (not v29) (= v23 3)))
(declare-const v30 Bool) ; arg.z|passes email["TaskInput TaskInput(name='own')"][]
(define-fun p48 () Bool (or (not v30) (= v23 3)))
(define-fun p49 () Bool (or (not v30) v29))
(declare-const v31 Bool) ; arg.z|passes email["Mailbox Mailbox(local='', domain=Domain(name='example.com', under=False))"][]
(define-fun p50 () Bool (or (not v31) (= v23 3)))
(define-fun p51 () Bool (or (not v31) v29))
(define-fun p52 () Bool (and p9 p10 p12 p14 p15 p16 (>= v13 0) p20 p24 p28 p29 p30 p31 p32 p33 p35 p37 p38 p39 (>= v22 0) p40 p42 p44 p45 p46 (>= v28 0) p47 p48 p49 p50 p51 p49 p51))
(declare-const v32 Bool) ; arg.x|present
(define-fun p53 () Bool (and v32 v0))
(declare-const v33 Bool) ; arg.z|present
(define-fun p54 () Bool (or v30 v31))
(define-fun p55 () Bool (and v29 p54))
(define-fun p56 () Bool (and v33 p55))
(define-fun p57 () Bool (and p53 p56))
(define-fun p58 () Bool (and p52 p57 false (not p57) false))
(assert p58)

; --- domains
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|passes domain[][]
(declare-const v1 Bool) ; arg.x|passes domain["Domain Domain(name='example.com', under=True)"][]
(define-fun p0 () Bool (and v0 v1))
(declare-const v2 Bool) ; arg.x|may domain["Domain Domain(name='example.com', under=True)"][]
(define-fun p1 () Bool (or (not p0) v2))
(declare-const v3 Bool) ; arg.x|may domain[][]
(define-fun p2 () Bool (or (not v0) v3))
(declare-const v4 Int) ; arg.x|sort
(define-fun p3 () Bool (or (= v4 0) (= v4 1) (= v4 2) (= v4 3) (= v4 4) (= v4 5)))
(declare-const v5 Bool) ; arg.x|is amount
(declare-const v6 Int) ; arg.x|currency
(define-fun p4 () Bool (and v5 (= v6 0)))
(define-fun p5 () Bool (or (not (= v4 2)) p4))
(define-fun p6 () Bool (or (= v4 2) (= v4 3) (= v4 5)))
(define-fun p7 () Bool (or (not v5) p6))
(declare-const v7 Bool) ; arg.x|is day
(define-fun p8 () Bool (or (not v7) (= v4 3)))
(declare-const v8 Bool) ; arg.x|is moment
(define-fun p9 () Bool (or (not v8) (= v4 3)))
(declare-const v9 Int) ; arg.x|length
(define-fun p10 () Bool (or (not v0) (= v4 3)))
(declare-const v10 Bool) ; arg.x|passes domain["Domain Domain(name='a.example.com', under=False)"][]
(define-fun p11 () Bool (or (not v10) (= v4 3)))
(define-fun p12 () Bool (or (not v10) v0))
(declare-const v11 Bool) ; arg.x|passes domain["Domain Domain(name='example.org', under=True)"][]
(define-fun p13 () Bool (or (not v11) (= v4 3)))
(define-fun p14 () Bool (or (not v11) v0))
(define-fun p15 () Bool (or (not v1) (= v4 3)))
(define-fun p16 () Bool (or (not v1) v0))
(define-fun p17 () Bool (or (not v10) v1))
(define-fun p18 () Bool (and v10 v11))
(define-fun p19 () Bool (and v11 v1))
(define-fun p20 () Bool (and p1 p2 p3 p5 p7 p8 p9 (>= v9 0) p10 p11 p12 p13 p14 p15 p16 p12 p17 p14 p16 (not p18) (not p19)))
(declare-const v12 Bool) ; arg.x|present
(define-fun p21 () Bool (or v10 v11))
(define-fun p22 () Bool (and v0 p21))
(define-fun p23 () Bool (and v12 p22))
(define-fun p24 () Bool (and v12 v2))
(define-fun p25 () Bool (and v12 v3))
(define-fun p26 () Bool (and p23 (not p24) (not p25)))
(define-fun p27 () Bool (and p20 p26 false (not p26) false))
(assert p27)

; --- mailboxes
; allowed
; asked
; refused
; question Question(who=('r',), how_many=1, within_s=14400, needs_human=False)
; question Question(who=('r',), how_many=1, within_s=14400, needs_human=False)
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
; entry t.ask[0]
; entry t.ask[1]
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Bool) ; arg.x|passes email[][]
(define-fun p7 () Bool (or (not v6) (= v0 3)))
(declare-const v7 Bool) ; arg.x|passes email["Mailbox Mailbox(local='', domain=Domain(name='example.com', under=True))"][]
(define-fun p8 () Bool (or (not v7) (= v0 3)))
(define-fun p9 () Bool (or (not v7) v6))
(declare-const v8 Bool) ; arg.x|passes max_length["int 30"][]
(define-fun p10 () Bool (or (not v8) (= v0 3)))
(declare-const v9 Bool) ; arg.x|passes email["Mailbox Mailbox(local='ann', domain=Domain(name='a.example.com', under=False))"][]
(define-fun p11 () Bool (or (not v9) (= v0 3)))
(define-fun p12 () Bool (or (not v9) v6))
(declare-const v10 Bool) ; arg.x|passes email["Mailbox Mailbox(local='', domain=Domain(name='b.example.com', under=False))"][]
(define-fun p13 () Bool (or (not v10) (= v0 3)))
(define-fun p14 () Bool (or (not v10) v6))
(declare-const v11 Bool) ; arg.x|passes starts_with["str 'bob'"][]
(define-fun p15 () Bool (or (not v11) (= v0 3)))
(define-fun p16 () Bool (or (not v9) v7))
(define-fun p17 () Bool (or (not v10) v7))
(define-fun p18 () Bool (and v9 v10))
(define-fun p19 () Bool (and v9 v11))
(define-fun p20 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p8 p9 p10 p11 p12 p13 p14 p15 p9 p12 p16 p14 p17 (not p18) (not p19)))
(declare-const v12 Bool) ; arg.x|present
(define-fun p21 () Bool (and v6 v7))
(define-fun p22 () Bool (and p21 v8))
(define-fun p23 () Bool (and v12 p22))
(define-fun p24 () Bool (and v6 v9))
(define-fun p25 () Bool (and v12 p24))
(define-fun p26 () Bool (and v6 v10))
(define-fun p27 () Bool (and p26 v11))
(define-fun p28 () Bool (and v12 p27))
(define-fun p29 () Bool (or p25 p28))
(define-fun p30 () Bool (and p23 p29))
(define-fun p31 () Bool (and p23 p25))
(define-fun p32 () Bool (and p23 p28))
(define-fun p33 () Bool (and p23 p29 (not p29)))
(define-fun p34 () Bool (and p20 false p30 (not p30) p31 p32 p33 p31 p32))
(assert p34)

; --- web addresses
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|passes url[][]
(declare-const v1 Bool) ; arg.x|passes url["WebAddress WebAddress(scheme='https', host='example.com', port=443, path=('docs', 'a'))"][]
(define-fun p0 () Bool (and v0 v1))
(declare-const v2 Bool) ; arg.x|may url["WebAddress WebAddress(scheme='https', host='example.com', port=443, path=('docs', 'a'))"][]
(define-fun p1 () Bool (or (not p0) v2))
(declare-const v3 Int) ; arg.x|sort
(define-fun p2 () Bool (or (= v3 0) (= v3 1) (= v3 2) (= v3 3) (= v3 4) (= v3 5)))
(declare-const v4 Bool) ; arg.x|is amount
(declare-const v5 Int) ; arg.x|currency
(define-fun p3 () Bool (and v4 (= v5 0)))
(define-fun p4 () Bool (or (not (= v3 2)) p3))
(define-fun p5 () Bool (or (= v3 2) (= v3 3) (= v3 5)))
(define-fun p6 () Bool (or (not v4) p5))
(declare-const v6 Bool) ; arg.x|is day
(define-fun p7 () Bool (or (not v6) (= v3 3)))
(declare-const v7 Bool) ; arg.x|is moment
(define-fun p8 () Bool (or (not v7) (= v3 3)))
(declare-const v8 Int) ; arg.x|length
(define-fun p9 () Bool (or (not v0) (= v3 3)))
(declare-const v9 Bool) ; arg.x|passes url["WebAddress WebAddress(scheme='https', host='example.com', port=443, path=('docs',))"][]
(define-fun p10 () Bool (or (not v9) (= v3 3)))
(define-fun p11 () Bool (or (not v9) v0))
(declare-const v10 Bool) ; arg.x|passes url["WebAddress WebAddress(scheme='https', host='example.org', port=443, path=())"][]
(define-fun p12 () Bool (or (not v10) (= v3 3)))
(define-fun p13 () Bool (or (not v10) v0))
(define-fun p14 () Bool (or (not v1) (= v3 3)))
(define-fun p15 () Bool (or (not v1) v0))
(define-fun p16 () Bool (or (not v1) v9))
(define-fun p17 () Bool (and v9 v10))
(define-fun p18 () Bool (and v10 v1))
(define-fun p19 () Bool (and p1 p2 p4 p6 p7 p8 (>= v8 0) p9 p10 p11 p12 p13 p14 p15 p11 p13 p15 p16 (not p17) (not p18)))
(declare-const v11 Bool) ; arg.x|present
(define-fun p20 () Bool (or v9 v10))
(define-fun p21 () Bool (and v0 p20))
(define-fun p22 () Bool (and v11 p21))
(define-fun p23 () Bool (and v11 v2))
(define-fun p24 () Bool (and p22 (not p23)))
(define-fun p25 () Bool (and p19 p24 false (not p24) false))
(assert p25)

; --- paths
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
; entry t.allow[0]
; entry t.allow[1]
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Bool) ; arg.x|passes path_under[][]
(define-fun p7 () Bool (or (not v6) (= v0 3)))
(declare-const v7 Bool) ; arg.x|passes path_under["Folder Folder(absolute=True, parts=('srv',))"][]
(define-fun p8 () Bool (or (not v7) (= v0 3)))
(define-fun p9 () Bool (or (not v7) v6))
(declare-const v8 Bool) ; arg.x|passes path_under["Folder Folder(absolute=False, parts=('srv',))"][]
(define-fun p10 () Bool (or (not v8) (= v0 3)))
(define-fun p11 () Bool (or (not v8) v6))
(declare-const v9 Bool) ; arg.x|passes path_under["Folder Folder(absolute=True, parts=('srv', 'a'))"][]
(define-fun p12 () Bool (or (not v9) (= v0 3)))
(define-fun p13 () Bool (or (not v9) v6))
(define-fun p14 () Bool (or (not v9) v7))
(define-fun p15 () Bool (and v7 v8))
(define-fun p16 () Bool (and v8 v9))
(define-fun p17 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p8 p9 p10 p11 p12 p13 p9 p11 p13 p14 (not p15) (not p16)))
(declare-const v10 Bool) ; arg.x|present
(define-fun p18 () Bool (or v7 v8))
(define-fun p19 () Bool (and v6 p18))
(define-fun p20 () Bool (and v10 p19))
(define-fun p21 () Bool (and v6 v9))
(define-fun p22 () Bool (and v10 p21))
(define-fun p23 () Bool (and v6 v8))
(define-fun p24 () Bool (and v10 p23))
(define-fun p25 () Bool (or p22 p24))
(define-fun p26 () Bool (and p20 p25))
(define-fun p27 () Bool (and p20 p22))
(define-fun p28 () Bool (and p20 p24))
(define-fun p29 () Bool (and p17 p26 false (not p26) false p27 p28))
(assert p29)

; --- letters
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Bool) ; arg.x|passes starts_with["str 'Re: '"][]
(define-fun p7 () Bool (or (not v6) (= v0 3)))
(declare-const v7 Bool) ; arg.x|passes max_length["int 30"][]
(define-fun p8 () Bool (or (not v7) (= v0 3)))
(declare-const v8 Bool) ; arg.x|passes max_length["int 9"][]
(define-fun p9 () Bool (or (not v8) (= v0 3)))
(declare-const v9 Bool) ; arg.x|passes starts_with["str 'Re: a'"][]
(define-fun p10 () Bool (or (not v9) (= v0 3)))
(define-fun p11 () Bool (or (not v8) v7))
(define-fun p12 () Bool (or (not v9) v6))
(define-fun p13 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p8 p9 p10 p11 p12))
(declare-const v10 Bool) ; arg.x|present
(define-fun p14 () Bool (and v6 v7))
(define-fun p15 () Bool (and v10 p14))
(define-fun p16 () Bool (or (not (= v0 3)) v8))
(define-fun p17 () Bool (and v10 p16))
(define-fun p18 () Bool (or (not (= v0 3)) v9))
(define-fun p19 () Bool (and v10 p18))
(define-fun p20 () Bool (and p15 (not p17) (not p19)))
(define-fun p21 () Bool (and p13 p20 false (not p20) false))
(assert p21)

; --- a word beside tests
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Int) ; arg.x|text
(define-fun p7 () Bool (and (= v0 3) (= v6 1)))
(define-fun p8 () Bool (or (not p7) (not v1)))
(define-fun p9 () Bool (or (not p7) (not v3)))
(define-fun p10 () Bool (or (not p7) (not v4)))
(declare-const v7 Bool) ; arg.x|passes domain[][]
(define-fun p11 () Bool (or (not p7) v7))
(declare-const v8 Bool) ; arg.x|passes max_length["int 12"][]
(define-fun p12 () Bool (or (not p7) v8))
(define-fun p13 () Bool (and (= v0 3) (= v6 2)))
(define-fun p14 () Bool (or (not p13) (not v1)))
(define-fun p15 () Bool (or (not p13) (not v3)))
(define-fun p16 () Bool (or (not p13) (not v4)))
(define-fun p17 () Bool (or (not p13) v7))
(define-fun p18 () Bool (or (not p13) (not v8)))
(define-fun p19 () Bool (and (= v0 3) (= v6 3)))
(define-fun p20 () Bool (or (not p19) (not v1)))
(define-fun p21 () Bool (or (not p19) v3))
(declare-const v9 Int) ; arg.x|day
(define-fun p22 () Bool (or (not p19) (= v9 739618)))
(define-fun p23 () Bool (or (not p19) (not v4)))
(define-fun p24 () Bool (or (not p19) v7))
(define-fun p25 () Bool (or (not p19) v8))
(define-fun p26 () Bool (and (= v0 3) (= v6 5)))
(define-fun p27 () Bool (or (not p26) (not v1)))
(define-fun p28 () Bool (or (not p26) (not v3)))
(define-fun p29 () Bool (or (not p26) v4))
(declare-const v10 Int) ; arg.x|moment
(define-fun p30 () Bool (or (not p26) (= v10 1767268800000000)))
(define-fun p31 () Bool (or (not p26) (not v7)))
(define-fun p32 () Bool (or (not p26) (not v8)))
(define-fun p33 () Bool (and (= v0 3) (= v6 6)))
(define-fun p34 () Bool (or (not p33) (not v1)))
(define-fun p35 () Bool (or (not p33) (not v3)))
(define-fun p36 () Bool (or (not p33) (not v4)))
(define-fun p37 () Bool (or (not p33) (not v7)))
(define-fun p38 () Bool (or (not p33) v8))
(define-fun p39 () Bool (or (not v7) (= v0 3)))
(define-fun p40 () Bool (or (not v8) (= v0 3)))
(define-fun p41 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p8 p9 p10 p11 p12 p14 p15 p16 p17 p18 p20 p21 p22 p23 p24 p25 p27 p28 p29 p30 p31 p32 p34 p35 p36 p37 p38 p39 p40))
(declare-const v11 Bool) ; arg.x|present
(define-fun p42 () Bool (and v7 v8))
(define-fun p43 () Bool (and v11 p42))
(define-fun p44 () Bool (or (= v2 0) (= v2 4)))
(define-fun p45 () Bool (and v1 p44))
(declare-const v12 Real) ; arg.x|amount
(define-fun p46 () Bool (and p45 (= v12 5.0)))
(define-fun p47 () Bool (or p7 p13 p19 p46 (not v1) p26 p33))
(define-fun p48 () Bool (and v11 p47))
(define-fun p49 () Bool (and p43 (not p48)))
(define-fun p50 () Bool (and p41 p49 false (not p49) false))
(assert p50)

; --- lists of words
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Bool) ; arg.x|passes only["str 'a'","int 5"][]
(define-fun p7 () Bool (or (not v6) (= v0 4)))
(declare-const v7 Bool) ; arg.x#0|present
(define-fun p8 () Bool (and (= v0 4) (>= v5 1)))
(define-fun p9 () Bool (or (not v7) p8))
(define-fun p10 () Bool (and (= v0 4) (not v6)))
(declare-const v8 Int) ; arg.x#0|sort
(declare-const v9 Int) ; arg.x#0|text
(define-fun p11 () Bool (and (= v8 3) (= v9 1)))
(declare-const v10 Real) ; arg.x#0|amount
(define-fun p12 () Bool (and (= v8 2) (= v10 5.0)))
(define-fun p13 () Bool (or p11 p12))
(define-fun p14 () Bool (and v7 (not p13)))
(define-fun p15 () Bool (or (not p10) p14))
(define-fun p16 () Bool (and v6 v7))
(define-fun p17 () Bool (or (not p16) p13))
(define-fun p18 () Bool (or (= v8 0) (= v8 1) (= v8 2) (= v8 3) (= v8 4) (= v8 5)))
(declare-const v11 Bool) ; arg.x#0|is amount
(declare-const v12 Int) ; arg.x#0|currency
(define-fun p19 () Bool (and v11 (= v12 0)))
(define-fun p20 () Bool (or (not (= v8 2)) p19))
(define-fun p21 () Bool (or (= v8 2) (= v8 3) (= v8 5)))
(define-fun p22 () Bool (or (not v11) p21))
(declare-const v13 Bool) ; arg.x#0|is day
(define-fun p23 () Bool (or (not v13) (= v8 3)))
(declare-const v14 Bool) ; arg.x#0|is moment
(define-fun p24 () Bool (or (not v14) (= v8 3)))
(declare-const v15 Int) ; arg.x#0|length
(define-fun p25 () Bool (or (not p11) (not v11)))
(define-fun p26 () Bool (or (not p11) (not v13)))
(define-fun p27 () Bool (or (not p11) (not v14)))
(define-fun p28 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p9 p15 p17 p18 p20 p22 p23 p24 (>= v15 0) p25 p26 p27))
(declare-const v16 Bool) ; arg.x|present
(define-fun p29 () Bool (and (= v0 4) (< v5 4)))
(define-fun p30 () Bool (and p8 p29 v6))
(define-fun p31 () Bool (and v16 p30))
(define-fun p32 () Bool (and p28 p31 false (not p31) false))
(assert p32)

; --- lists of amounts
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(declare-const v6 Bool) ; arg.x|passes each[][above["Money Money(amount=Decimal('5.00'), currency='EUR')"][],below["Money Money(amount=Decimal('9.00'), currency='EUR')"][]]
(define-fun p7 () Bool (or (not v6) (= v0 4)))
(declare-const v7 Bool) ; arg.x#0|present
(define-fun p8 () Bool (and (= v0 4) (>= v5 1)))
(define-fun p9 () Bool (or (not v7) p8))
(define-fun p10 () Bool (and (= v0 4) (not v6)))
(declare-const v8 Bool) ; arg.x#0|is amount
(declare-const v9 Int) ; arg.x#0|currency
(define-fun p11 () Bool (or (= v9 0) (= v9 1)))
(define-fun p12 () Bool (and v8 p11))
(declare-const v10 Real) ; arg.x#0|amount
(define-fun p13 () Bool (and p12 (> v10 5.0)))
(define-fun p14 () Bool (and p12 (< v10 9.0)))
(define-fun p15 () Bool (and p13 p14))
(define-fun p16 () Bool (and v7 (not p15)))
(define-fun p17 () Bool (or (not p10) p16))
(define-fun p18 () Bool (and v6 v7))
(define-fun p19 () Bool (or (not p18) p15))
(declare-const v11 Int) ; arg.x#0|sort
(define-fun p20 () Bool (or (= v11 0) (= v11 1) (= v11 2) (= v11 3) (= v11 4) (= v11 5)))
(define-fun p21 () Bool (and v8 (= v9 0)))
(define-fun p22 () Bool (or (not (= v11 2)) p21))
(define-fun p23 () Bool (or (= v11 2) (= v11 3) (= v11 5)))
(define-fun p24 () Bool (or (not v8) p23))
(declare-const v12 Bool) ; arg.x#0|is day
(define-fun p25 () Bool (or (not v12) (= v11 3)))
(declare-const v13 Bool) ; arg.x#0|is moment
(define-fun p26 () Bool (or (not v13) (= v11 3)))
(declare-const v14 Int) ; arg.x#0|length
(define-fun p27 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p9 p17 p19 p20 p22 p24 p25 p26 (>= v14 0)))
(declare-const v15 Bool) ; arg.x|present
(define-fun p28 () Bool (and v15 v6))
(define-fun p29 () Bool (and p27 p28 false (not p28) false))
(assert p29)

; --- lists two times
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|passes some[][starts_with["str 'ann'"][]]
(declare-const v1 Bool) ; arg.x|may some[][starts_with["str 'ann'"][]]
(define-fun p0 () Bool (or (not v0) v1))
(declare-const v2 Bool) ; arg.x|passes some[][is["TaskInput TaskInput(name='own')"][]]
(declare-const v3 Bool) ; arg.x|may some[][is["TaskInput TaskInput(name='own')"][]]
(define-fun p1 () Bool (or (not v2) v3))
(declare-const v4 Bool) ; arg.x#2|is task.own
(declare-const v5 Int) ; arg.x#2|sort
(declare-const v6 Int) ; task.own|sort
(declare-const v7 Bool) ; arg.x#2|truth
(declare-const v8 Bool) ; task.own|truth
(define-fun p2 () Bool (or (not v7) v8))
(define-fun p3 () Bool (or (not v8) v7))
(define-fun p4 () Bool (and p2 p3))
(define-fun p5 () Bool (and (= v5 1) (= v6 1) p4))
(declare-const v9 Real) ; task.own|amount
(declare-const v10 Real) ; arg.x#2|amount
(define-fun p6 () Bool (and (= v5 2) (= v6 2) (= v10 v9)))
(declare-const v11 Int) ; task.own|text
(declare-const v12 Int) ; arg.x#2|text
(define-fun p7 () Bool (and (= v5 3) (= v6 3) (= v12 v11)))
(define-fun p8 () Bool (or p5 p6 p7))
(define-fun p9 () Bool (or (not v4) p8))
(define-fun p10 () Bool (or (not p8) v4))
(define-fun p11 () Bool (and p9 p10))
(declare-const v13 Bool) ; arg.x#0|is task.own
(declare-const v14 Int) ; arg.x#0|sort
(declare-const v15 Bool) ; arg.x#0|truth
(define-fun p12 () Bool (or (not v15) v8))
(define-fun p13 () Bool (or (not v8) v15))
(define-fun p14 () Bool (and p12 p13))
(define-fun p15 () Bool (and (= v14 1) (= v6 1) p14))
(declare-const v16 Real) ; arg.x#0|amount
(define-fun p16 () Bool (and (= v14 2) (= v6 2) (= v16 v9)))
(declare-const v17 Int) ; arg.x#0|text
(define-fun p17 () Bool (and (= v14 3) (= v6 3) (= v17 v11)))
(define-fun p18 () Bool (or p15 p16 p17))
(define-fun p19 () Bool (or (not v13) p18))
(define-fun p20 () Bool (or (not p18) v13))
(define-fun p21 () Bool (and p19 p20))
(declare-const v18 Bool) ; arg.x#1|is task.own
(declare-const v19 Int) ; arg.x#1|sort
(declare-const v20 Bool) ; arg.x#1|truth
(define-fun p22 () Bool (or (not v20) v8))
(define-fun p23 () Bool (or (not v8) v20))
(define-fun p24 () Bool (and p22 p23))
(define-fun p25 () Bool (and (= v19 1) (= v6 1) p24))
(declare-const v21 Real) ; arg.x#1|amount
(define-fun p26 () Bool (and (= v19 2) (= v6 2) (= v21 v9)))
(declare-const v22 Int) ; arg.x#1|text
(define-fun p27 () Bool (and (= v19 3) (= v6 3) (= v22 v11)))
(define-fun p28 () Bool (or p25 p26 p27))
(define-fun p29 () Bool (or (not v18) p28))
(define-fun p30 () Bool (or (not p28) v18))
(define-fun p31 () Bool (and p29 p30))
(declare-const v23 Int) ; arg.x|sort
(define-fun p32 () Bool (or (= v23 0) (= v23 1) (= v23 2) (= v23 3) (= v23 4) (= v23 5)))
(declare-const v24 Bool) ; arg.x|is amount
(declare-const v25 Int) ; arg.x|currency
(define-fun p33 () Bool (and v24 (= v25 0)))
(define-fun p34 () Bool (or (not (= v23 2)) p33))
(define-fun p35 () Bool (or (= v23 2) (= v23 3) (= v23 5)))
(define-fun p36 () Bool (or (not v24) p35))
(declare-const v26 Bool) ; arg.x|is day
(define-fun p37 () Bool (or (not v26) (= v23 3)))
(declare-const v27 Bool) ; arg.x|is moment
(define-fun p38 () Bool (or (not v27) (= v23 3)))
(declare-const v28 Int) ; arg.x|length
(declare-const v29 Bool) ; arg.x|passes each[][email["Mailbox Mailbox(local='', domain=Domain(name='example.com', under=False))"][]]
(define-fun p39 () Bool (or (not v29) (= v23 4)))
(declare-const v30 Bool) ; arg.x#0|present
(define-fun p40 () Bool (and (= v23 4) (>= v28 1)))
(define-fun p41 () Bool (or (not v30) p40))
(define-fun p42 () Bool (and (= v23 4) (not v29)))
(declare-const v31 Bool) ; arg.x#0|passes email[][]
(declare-const v32 Bool) ; arg.x#0|passes email["Mailbox Mailbox(local='', domain=Domain(name='example.com', under=False))"][]
(define-fun p43 () Bool (and v31 v32))
(define-fun p44 () Bool (and v30 (not p43)))
(define-fun p45 () Bool (or (not p42) p44))
(define-fun p46 () Bool (and v29 v30))
(define-fun p47 () Bool (or (not p46) p43))
(declare-const v33 Bool) ; arg.x#1|present
(define-fun p48 () Bool (and v29 v33))
(declare-const v34 Bool) ; arg.x#1|passes email[][]
(declare-const v35 Bool) ; arg.x#1|passes email["Mailbox Mailbox(local='', domain=Domain(name='example.com', under=False))"][]
(define-fun p49 () Bool (and v34 v35))
(define-fun p50 () Bool (or (not p48) p49))
(declare-const v36 Bool) ; arg.x#2|present
(define-fun p51 () Bool (and v29 v36))
(declare-const v37 Bool) ; arg.x#2|passes email[][]
(declare-const v38 Bool) ; arg.x#2|passes email["Mailbox Mailbox(local='', domain=Domain(name='example.com', under=False))"][]
(define-fun p52 () Bool (and v37 v38))
(define-fun p53 () Bool (or (not p51) p52))
(define-fun p54 () Bool (or (not v0) (= v23 4)))
(define-fun p55 () Bool (or (not v33) p40))
(declare-const v39 Bool) ; arg.x#1|passes starts_with["str 'ann'"][]
(define-fun p56 () Bool (and v33 v39))
(define-fun p57 () Bool (or (not v0) p56))
(define-fun p58 () Bool (and (= v23 4) (not v0) v30))
(declare-const v40 Bool) ; arg.x#0|passes starts_with["str 'ann'"][]
(define-fun p59 () Bool (or (not p58) (not v40)))
(define-fun p60 () Bool (and (= v23 4) (not v0) v33))
(define-fun p61 () Bool (or (not p60) (not v39)))
(define-fun p62 () Bool (and (= v23 4) (not v0) v36))
(declare-const v41 Bool) ; arg.x#2|passes starts_with["str 'ann'"][]
(define-fun p63 () Bool (or (not p62) (not v41)))
(define-fun p64 () Bool (or (not v2) (= v23 4)))
(define-fun p65 () Bool (or (not v36) p40))
(define-fun p66 () Bool (and v36 v4))
(define-fun p67 () Bool (or (not v2) p66))
(define-fun p68 () Bool (and (= v23 4) (not v2) v30))
(define-fun p69 () Bool (or (not p68) (not v13)))
(define-fun p70 () Bool (and (= v23 4) (not v2) v33))
(define-fun p71 () Bool (or (not p70) (not v18)))
(define-fun p72 () Bool (and (= v23 4) (not v2) v36))
(define-fun p73 () Bool (or (not p72) (not v4)))
(define-fun p74 () Bool (or (= v14 0) (= v14 1) (= v14 2) (= v14 3) (= v14 4) (= v14 5)))
(declare-const v42 Bool) ; arg.x#0|is amount
(declare-const v43 Int) ; arg.x#0|currency
(define-fun p75 () Bool (and v42 (= v43 0)))
(define-fun p76 () Bool (or (not (= v14 2)) p75))
(define-fun p77 () Bool (or (= v14 2) (= v14 3) (= v14 5)))
(define-fun p78 () Bool (or (not v42) p77))
(declare-const v44 Bool) ; arg.x#0|is day
(define-fun p79 () Bool (or (not v44) (= v14 3)))
(declare-const v45 Bool) ; arg.x#0|is moment
(define-fun p80 () Bool (or (not v45) (= v14 3)))
(declare-const v46 Int) ; arg.x#0|length
(define-fun p81 () Bool (or (not v31) (= v14 3)))
(define-fun p82 () Bool (or (not v32) (= v14 3)))
(define-fun p83 () Bool (or (not v32) v31))
(define-fun p84 () Bool (or (not v40) (= v14 3)))
(declare-const v47 Bool) ; task.own|is amount
(define-fun p85 () Bool (or (not v42) v47))
(define-fun p86 () Bool (or (not v47) v42))
(define-fun p87 () Bool (and p85 p86))
(define-fun p88 () Bool (or (not v13) p87))
(declare-const v48 Bool) ; task.own|is day
(define-fun p89 () Bool (or (not v44) v48))
(define-fun p90 () Bool (or (not v48) v44))
(define-fun p91 () Bool (and p89 p90))
(define-fun p92 () Bool (or (not v13) p91))
(declare-const v49 Bool) ; task.own|is moment
(define-fun p93 () Bool (or (not v45) v49))
(define-fun p94 () Bool (or (not v49) v45))
(define-fun p95 () Bool (and p93 p94))
(define-fun p96 () Bool (or (not v13) p95))
(define-fun p97 () Bool (or (not v13) (= v16 v9)))
(declare-const v50 Int) ; task.own|currency
(define-fun p98 () Bool (or (not v13) (= v43 v50)))
(declare-const v51 Int) ; task.own|day
(declare-const v52 Int) ; arg.x#0|day
(define-fun p99 () Bool (or (not v13) (= v52 v51)))
(declare-const v53 Int) ; task.own|moment
(declare-const v54 Int) ; arg.x#0|moment
(define-fun p100 () Bool (or (not v13) (= v54 v53)))
(declare-const v55 Bool) ; task.own|passes email[][]
(define-fun p101 () Bool (or (not v31) v55))
(define-fun p102 () Bool (or (not v55) v31))
(define-fun p103 () Bool (and p101 p102))
(define-fun p104 () Bool (or (not v13) p103))
(declare-const v56 Bool) ; task.own|passes email["Mailbox Mailbox(local='', domain=Domain(name='example.com', under=False))"][]
(define-fun p105 () Bool (or (not v32) v56))
(define-fun p106 () Bool (or (not v56) v32))
(define-fun p107 () Bool (and p105 p106))
(define-fun p108 () Bool (or (not v13) p107))
(declare-const v57 Bool) ; task.own|passes starts_with["str 'ann'"][]
(define-fun p109 () Bool (or (not v40) v57))
(define-fun p110 () Bool (or (not v57) v40))
(define-fun p111 () Bool (and p109 p110))
(define-fun p112 () Bool (or (not v13) p111))
(define-fun p113 () Bool (or (= v19 0) (= v19 1) (= v19 2) (= v19 3) (= v19 4) (= v19 5)))
(declare-const v58 Bool) ; arg.x#1|is amount
(declare-const v59 Int) ; arg.x#1|currency
(define-fun p114 () Bool (and v58 (= v59 0)))
(define-fun p115 () Bool (or (not (= v19 2)) p114))
(define-fun p116 () Bool (or (= v19 2) (= v19 3) (= v19 5)))
(define-fun p117 () Bool (or (not v58) p116))
(declare-const v60 Bool) ; arg.x#1|is day
(define-fun p118 () Bool (or (not v60) (= v19 3)))
(declare-const v61 Bool) ; arg.x#1|is moment
(define-fun p119 () Bool (or (not v61) (= v19 3)))
(declare-const v62 Int) ; arg.x#1|length
(define-fun p120 () Bool (or (not v34) (= v19 3)))
(define-fun p121 () Bool (or (not v35) (= v19 3)))
(define-fun p122 () Bool (or (not v35) v34))
(define-fun p123 () Bool (or (not v39) (= v19 3)))
(define-fun p124 () Bool (or (not v58) v47))
(define-fun p125 () Bool (or (not v47) v58))
(define-fun p126 () Bool (and p124 p125))
(define-fun p127 () Bool (or (not v18) p126))
(define-fun p128 () Bool (or (not v60) v48))
(define-fun p129 () Bool (or (not v48) v60))
(define-fun p130 () Bool (and p128 p129))
(define-fun p131 () Bool (or (not v18) p130))
(define-fun p132 () Bool (or (not v61) v49))
(define-fun p133 () Bool (or (not v49) v61))
(define-fun p134 () Bool (and p132 p133))
(define-fun p135 () Bool (or (not v18) p134))
(define-fun p136 () Bool (or (not v18) (= v21 v9)))
(define-fun p137 () Bool (or (not v18) (= v59 v50)))
(declare-const v63 Int) ; arg.x#1|day
(define-fun p138 () Bool (or (not v18) (= v63 v51)))
(declare-const v64 Int) ; arg.x#1|moment
(define-fun p139 () Bool (or (not v18) (= v64 v53)))
(define-fun p140 () Bool (or (not v34) v55))
(define-fun p141 () Bool (or (not v55) v34))
(define-fun p142 () Bool (and p140 p141))
(define-fun p143 () Bool (or (not v18) p142))
(define-fun p144 () Bool (or (not v35) v56))
(define-fun p145 () Bool (or (not v56) v35))
(define-fun p146 () Bool (and p144 p145))
(define-fun p147 () Bool (or (not v18) p146))
(define-fun p148 () Bool (or (not v39) v57))
(define-fun p149 () Bool (or (not v57) v39))
(define-fun p150 () Bool (and p148 p149))
(define-fun p151 () Bool (or (not v18) p150))
(define-fun p152 () Bool (or (= v5 0) (= v5 1) (= v5 2) (= v5 3) (= v5 4) (= v5 5)))
(declare-const v65 Bool) ; arg.x#2|is amount
(declare-const v66 Int) ; arg.x#2|currency
(define-fun p153 () Bool (and v65 (= v66 0)))
(define-fun p154 () Bool (or (not (= v5 2)) p153))
(define-fun p155 () Bool (or (= v5 2) (= v5 3) (= v5 5)))
(define-fun p156 () Bool (or (not v65) p155))
(declare-const v67 Bool) ; arg.x#2|is day
(define-fun p157 () Bool (or (not v67) (= v5 3)))
(declare-const v68 Bool) ; arg.x#2|is moment
(define-fun p158 () Bool (or (not v68) (= v5 3)))
(declare-const v69 Int) ; arg.x#2|length
(define-fun p159 () Bool (or (not v37) (= v5 3)))
(define-fun p160 () Bool (or (not v38) (= v5 3)))
(define-fun p161 () Bool (or (not v38) v37))
(define-fun p162 () Bool (or (not v41) (= v5 3)))
(define-fun p163 () Bool (or (not v65) v47))
(define-fun p164 () Bool (or (not v47) v65))
(define-fun p165 () Bool (and p163 p164))
(define-fun p166 () Bool (or (not v4) p165))
(define-fun p167 () Bool (or (not v67) v48))
(define-fun p168 () Bool (or (not v48) v67))
(define-fun p169 () Bool (and p167 p168))
(define-fun p170 () Bool (or (not v4) p169))
(define-fun p171 () Bool (or (not v68) v49))
(define-fun p172 () Bool (or (not v49) v68))
(define-fun p173 () Bool (and p171 p172))
(define-fun p174 () Bool (or (not v4) p173))
(define-fun p175 () Bool (or (not v4) (= v10 v9)))
(define-fun p176 () Bool (or (not v4) (= v66 v50)))
(declare-const v70 Int) ; arg.x#2|day
(define-fun p177 () Bool (or (not v4) (= v70 v51)))
(declare-const v71 Int) ; arg.x#2|moment
(define-fun p178 () Bool (or (not v4) (= v71 v53)))
(define-fun p179 () Bool (or (not v37) v55))
(define-fun p180 () Bool (or (not v55) v37))
(define-fun p181 () Bool (and p179 p180))
(define-fun p182 () Bool (or (not v4) p181))
(define-fun p183 () Bool (or (not v38) v56))
(define-fun p184 () Bool (or (not v56) v38))
(define-fun p185 () Bool (and p183 p184))
(define-fun p186 () Bool (or (not v4) p185))
(define-fun p187 () Bool (or (not v41) v57))
(define-fun p188 () Bool (or (not v57) v41))
(define-fun p189 () Bool (and p187 p188))
(define-fun p190 () Bool (or (not v4) p189))
(define-fun p191 () Bool (or (= v6 0) (= v6 1) (= v6 2) (= v6 3) (= v6 4) (= v6 5)))
(define-fun p192 () Bool (and v47 (= v50 0)))
(define-fun p193 () Bool (or (not (= v6 2)) p192))
(define-fun p194 () Bool (or (= v6 2) (= v6 3) (= v6 5)))
(define-fun p195 () Bool (or (not v47) p194))
(define-fun p196 () Bool (or (not v48) (= v6 3)))
(define-fun p197 () Bool (or (not v49) (= v6 3)))
(declare-const v72 Int) ; task.own|length
(define-fun p198 () Bool (or (not v55) (= v6 3)))
(define-fun p199 () Bool (or (not v56) (= v6 3)))
(define-fun p200 () Bool (or (not v56) v55))
(define-fun p201 () Bool (or (not v57) (= v6 3)))
(define-fun p202 () Bool (and p0 p1 p11 p21 p31 p32 p34 p36 p37 p38 (>= v28 0) p39 p41 p45 p47 p50 p53 p54 p55 p57 p59 p61 p63 p64 p65 p67 p69 p71 p73 p74 p76 p78 p79 p80 (>= v46 0) p81 p82 p83 p84 p83 p88 p92 p96 p97 p98 p99 p100 p104 p108 p112 p104 p108 p112 p113 p115 p117 p118 p119 (>= v62 0) p120 p121 p122 p123 p122 p127 p131 p135 p136 p137 p138 p139 p143 p147 p151 p143 p147 p151 p152 p154 p156 p157 p158 (>= v69 0) p159 p160 p161 p162 p161 p166 p170 p174 p175 p176 p177 p178 p182 p186 p190 p182 p186 p190 p191 p193 p195 p196 p197 (>= v72 0) p198 p199 p200 p201 p200))
(declare-const v73 Bool) ; arg.x|present
(define-fun p203 () Bool (and v73 v29))
(define-fun p204 () Bool (and v73 v1))
(define-fun p205 () Bool (and v73 v3))
(define-fun p206 () Bool (and p203 (not p204) (not p205)))
(define-fun p207 () Bool (and p202 p206 false (not p206) false))
(assert p207)

; --- never, with all that it takes for a fit
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|is task.own
(declare-const v1 Int) ; arg.x|sort
(declare-const v2 Int) ; task.own|sort
(declare-const v3 Bool) ; arg.x|truth
(declare-const v4 Bool) ; task.own|truth
(define-fun p0 () Bool (or (not v3) v4))
(define-fun p1 () Bool (or (not v4) v3))
(define-fun p2 () Bool (and p0 p1))
(define-fun p3 () Bool (and (= v1 1) (= v2 1) p2))
(declare-const v5 Real) ; task.own|amount
(declare-const v6 Real) ; arg.x|amount
(define-fun p4 () Bool (and (= v1 2) (= v2 2) (= v6 v5)))
(declare-const v7 Int) ; task.own|text
(declare-const v8 Int) ; arg.x|text
(define-fun p5 () Bool (and (= v1 3) (= v2 3) (= v8 v7)))
(define-fun p6 () Bool (or p3 p4 p5))
(define-fun p7 () Bool (or (not v0) p6))
(define-fun p8 () Bool (or (not p6) v0))
(define-fun p9 () Bool (and p7 p8))
(declare-const v9 Bool) ; arg.u|passes some[][is["str 'a'"][]]
(declare-const v10 Bool) ; arg.u|may some[][is["str 'a'"][]]
(define-fun p10 () Bool (or (not v9) v10))
(declare-const v11 Int) ; fact.s|sort
(define-fun p11 () Bool (or (= v11 0) (= v11 1) (= v11 2) (= v11 3) (= v11 4) (= v11 5)))
(declare-const v12 Bool) ; fact.s|is amount
(declare-const v13 Int) ; fact.s|currency
(define-fun p12 () Bool (and v12 (= v13 0)))
(define-fun p13 () Bool (or (not (= v11 2)) p12))
(define-fun p14 () Bool (or (= v11 2) (= v11 3) (= v11 5)))
(define-fun p15 () Bool (or (not v12) p14))
(declare-const v14 Bool) ; fact.s|is day
(define-fun p16 () Bool (or (not v14) (= v11 3)))
(declare-const v15 Bool) ; fact.s|is moment
(define-fun p17 () Bool (or (not v15) (= v11 3)))
(declare-const v16 Int) ; fact.s|length
(declare-const v17 Int) ; fact.s|text
(define-fun p18 () Bool (and (= v11 3) (= v17 1)))
(define-fun p19 () Bool (or (not p18) (not v12)))
(define-fun p20 () Bool (or (not p18) (not v14)))
(define-fun p21 () Bool (or (not p18) (not v15)))
(define-fun p22 () Bool (or (= v1 0) (= v1 1) (= v1 2) (= v1 3) (= v1 4) (= v1 5)))
(declare-const v18 Bool) ; arg.x|is amount
(declare-const v19 Int) ; arg.x|currency
(define-fun p23 () Bool (and v18 (= v19 0)))
(define-fun p24 () Bool (or (not (= v1 2)) p23))
(define-fun p25 () Bool (or (= v1 2) (= v1 3) (= v1 5)))
(define-fun p26 () Bool (or (not v18) p25))
(declare-const v20 Bool) ; arg.x|is day
(define-fun p27 () Bool (or (not v20) (= v1 3)))
(declare-const v21 Bool) ; arg.x|is moment
(define-fun p28 () Bool (or (not v21) (= v1 3)))
(declare-const v22 Int) ; arg.x|length
(define-fun p29 () Bool (and (= v1 3) (= v8 1)))
(define-fun p30 () Bool (or (not p29) (not v18)))
(define-fun p31 () Bool (or (not p29) (not v20)))
(define-fun p32 () Bool (or (not p29) (not v21)))
(declare-const v23 Bool) ; task.own|is amount
(define-fun p33 () Bool (or (not v18) v23))
(define-fun p34 () Bool (or (not v23) v18))
(define-fun p35 () Bool (and p33 p34))
(define-fun p36 () Bool (or (not v0) p35))
(declare-const v24 Bool) ; task.own|is day
(define-fun p37 () Bool (or (not v20) v24))
(define-fun p38 () Bool (or (not v24) v20))
(define-fun p39 () Bool (and p37 p38))
(define-fun p40 () Bool (or (not v0) p39))
(declare-const v25 Bool) ; task.own|is moment
(define-fun p41 () Bool (or (not v21) v25))
(define-fun p42 () Bool (or (not v25) v21))
(define-fun p43 () Bool (and p41 p42))
(define-fun p44 () Bool (or (not v0) p43))
(define-fun p45 () Bool (or (not v0) (= v6 v5)))
(declare-const v26 Int) ; task.own|currency
(define-fun p46 () Bool (or (not v0) (= v19 v26)))
(declare-const v27 Int) ; task.own|day
(declare-const v28 Int) ; arg.x|day
(define-fun p47 () Bool (or (not v0) (= v28 v27)))
(declare-const v29 Int) ; task.own|moment
(declare-const v30 Int) ; arg.x|moment
(define-fun p48 () Bool (or (not v0) (= v30 v29)))
(declare-const v31 Int) ; arg.z|sort
(define-fun p49 () Bool (or (= v31 0) (= v31 1) (= v31 2) (= v31 3) (= v31 4) (= v31 5)))
(declare-const v32 Bool) ; arg.z|is amount
(declare-const v33 Int) ; arg.z|currency
(define-fun p50 () Bool (and v32 (= v33 0)))
(define-fun p51 () Bool (or (not (= v31 2)) p50))
(define-fun p52 () Bool (or (= v31 2) (= v31 3) (= v31 5)))
(define-fun p53 () Bool (or (not v32) p52))
(declare-const v34 Bool) ; arg.z|is day
(define-fun p54 () Bool (or (not v34) (= v31 3)))
(declare-const v35 Bool) ; arg.z|is moment
(define-fun p55 () Bool (or (not v35) (= v31 3)))
(declare-const v36 Int) ; arg.z|length
(declare-const v37 Bool) ; arg.z|passes max_length["int 5"][]
(define-fun p56 () Bool (or (not v37) (= v31 3)))
(declare-const v38 Int) ; arg.u|sort
(define-fun p57 () Bool (or (= v38 0) (= v38 1) (= v38 2) (= v38 3) (= v38 4) (= v38 5)))
(declare-const v39 Bool) ; arg.u|is amount
(declare-const v40 Int) ; arg.u|currency
(define-fun p58 () Bool (and v39 (= v40 0)))
(define-fun p59 () Bool (or (not (= v38 2)) p58))
(define-fun p60 () Bool (or (= v38 2) (= v38 3) (= v38 5)))
(define-fun p61 () Bool (or (not v39) p60))
(declare-const v41 Bool) ; arg.u|is day
(define-fun p62 () Bool (or (not v41) (= v38 3)))
(declare-const v42 Bool) ; arg.u|is moment
(define-fun p63 () Bool (or (not v42) (= v38 3)))
(declare-const v43 Int) ; arg.u|length
(define-fun p64 () Bool (or (not v9) (= v38 4)))
(declare-const v44 Bool) ; arg.u#0|present
(define-fun p65 () Bool (and (= v38 4) (>= v43 1)))
(define-fun p66 () Bool (or (not v44) p65))
(declare-const v45 Int) ; arg.u#0|sort
(declare-const v46 Int) ; arg.u#0|text
(define-fun p67 () Bool (and (= v45 3) (= v46 1)))
(define-fun p68 () Bool (and v44 p67))
(define-fun p69 () Bool (or (not v9) p68))
(define-fun p70 () Bool (and (= v38 4) (not v9) v44))
(define-fun p71 () Bool (or (not p70) (not p67)))
(declare-const v47 Int) ; arg.v|sort
(define-fun p72 () Bool (or (= v47 0) (= v47 1) (= v47 2) (= v47 3) (= v47 4) (= v47 5)))
(declare-const v48 Bool) ; arg.v|is amount
(declare-const v49 Int) ; arg.v|currency
(define-fun p73 () Bool (and v48 (= v49 0)))
(define-fun p74 () Bool (or (not (= v47 2)) p73))
(define-fun p75 () Bool (or (= v47 2) (= v47 3) (= v47 5)))
(define-fun p76 () Bool (or (not v48) p75))
(declare-const v50 Bool) ; arg.v|is day
(define-fun p77 () Bool (or (not v50) (= v47 3)))
(declare-const v51 Bool) ; arg.v|is moment
(define-fun p78 () Bool (or (not v51) (= v47 3)))
(declare-const v52 Int) ; arg.v|length
(define-fun p79 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(define-fun p80 () Bool (and v23 (= v26 0)))
(define-fun p81 () Bool (or (not (= v2 2)) p80))
(define-fun p82 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p83 () Bool (or (not v23) p82))
(define-fun p84 () Bool (or (not v24) (= v2 3)))
(define-fun p85 () Bool (or (not v25) (= v2 3)))
(declare-const v53 Int) ; task.own|length
(define-fun p86 () Bool (and (= v2 3) (= v7 1)))
(define-fun p87 () Bool (or (not p86) (not v23)))
(define-fun p88 () Bool (or (not p86) (not v24)))
(define-fun p89 () Bool (or (not p86) (not v25)))
(define-fun p90 () Bool (or (= v45 0) (= v45 1) (= v45 2) (= v45 3) (= v45 4) (= v45 5)))
(declare-const v54 Bool) ; arg.u#0|is amount
(declare-const v55 Int) ; arg.u#0|currency
(define-fun p91 () Bool (and v54 (= v55 0)))
(define-fun p92 () Bool (or (not (= v45 2)) p91))
(define-fun p93 () Bool (or (= v45 2) (= v45 3) (= v45 5)))
(define-fun p94 () Bool (or (not v54) p93))
(declare-const v56 Bool) ; arg.u#0|is day
(define-fun p95 () Bool (or (not v56) (= v45 3)))
(declare-const v57 Bool) ; arg.u#0|is moment
(define-fun p96 () Bool (or (not v57) (= v45 3)))
(declare-const v58 Int) ; arg.u#0|length
(define-fun p97 () Bool (or (not p67) (not v54)))
(define-fun p98 () Bool (or (not p67) (not v56)))
(define-fun p99 () Bool (or (not p67) (not v57)))
(define-fun p100 () Bool (and p9 p10 p11 p13 p15 p16 p17 (>= v16 0) p19 p20 p21 p22 p24 p26 p27 p28 (>= v22 0) p30 p31 p32 p36 p40 p44 p45 p46 p47 p48 p49 p51 p53 p54 p55 (>= v36 0) p56 p57 p59 p61 p62 p63 (>= v43 0) p64 p66 p69 p71 p72 p74 p76 p77 p78 (>= v52 0) p79 p81 p83 p84 p85 (>= v53 0) p87 p88 p89 p90 p92 p94 p95 p96 (>= v58 0) p97 p98 p99))
(declare-const v59 Bool) ; fact.s|present
(declare-const v60 Bool) ; arg.x|present
(declare-const v61 Bool) ; arg.z|present
(declare-const v62 Bool) ; arg.u|present
(declare-const v63 Bool) ; arg.v|present
(define-fun p101 () Bool (and (= v1 2) (= v6 5.0)))
(define-fun p102 () Bool (or (= v19 0) (= v19 2)))
(define-fun p103 () Bool (and v18 p102))
(define-fun p104 () Bool (and p103 (= v6 1.0)))
(define-fun p105 () Bool (or p29 p101 p104 (not v18) v0 (= v2 0)))
(define-fun p106 () Bool (and v60 p105))
(define-fun p107 () Bool (and (= v1 2) (> v6 5.0)))
(define-fun p108 () Bool (or (not (= v1 2)) p107))
(define-fun p109 () Bool (and v60 p108))
(define-fun p110 () Bool (and v20 (> v28 739617)))
(define-fun p111 () Bool (or (not v20) p110))
(define-fun p112 () Bool (and v60 p111))
(define-fun p113 () Bool (or (not (= v31 3)) v37))
(define-fun p114 () Bool (and v61 p113))
(define-fun p115 () Bool (and p112 p114))
(define-fun p116 () Bool (and v62 v10))
(declare-const v64 Real) ; fact.s|amount
(define-fun p117 () Bool (and (= v11 2) (= v64 1.0)))
(define-fun p118 () Bool (or p18 p117))
(define-fun p119 () Bool (or (= v11 3) (= v11 2)))
(define-fun p120 () Bool (or p118 (= v11 0) (not p119)))
(define-fun p121 () Bool (and v59 p116 (not v63) p120))
(declare-const v65 Bool) ; fact.s|truth
(define-fun p122 () Bool (and (= v11 1) v65))
(define-fun p123 () Bool (or p122 (= v11 0) (not (= v11 1))))
(define-fun p124 () Bool (and v59 p123))
(define-fun p125 () Bool (and v59 v60 v61 v62 v63 (not p106) (not p109) (not p115) (not p121) (not p124)))
(define-fun p126 () Bool (and p100 p125 false (not p125) false))
(assert p126)

; --- facts
; allowed
; asked
; refused
; question Question(who=('r',), how_many=1, within_s=14400, needs_human=False)
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
; entry t.allow[0]
; entry t.ask[0]
(declare-const v0 Int) ; fact.s|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; fact.s|is amount
(declare-const v2 Int) ; fact.s|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; fact.s|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; fact.s|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; fact.s|length
(declare-const v6 Int) ; fact.s|text
(define-fun p7 () Bool (and (= v0 3) (= v6 1)))
(define-fun p8 () Bool (or (not p7) (not v1)))
(define-fun p9 () Bool (or (not p7) (not v3)))
(define-fun p10 () Bool (or (not p7) (not v4)))
(declare-const v7 Int) ; fact.m|sort
(define-fun p11 () Bool (or (= v7 0) (= v7 1) (= v7 2) (= v7 3) (= v7 4) (= v7 5)))
(declare-const v8 Bool) ; fact.m|is amount
(declare-const v9 Int) ; fact.m|currency
(define-fun p12 () Bool (and v8 (= v9 0)))
(define-fun p13 () Bool (or (not (= v7 2)) p12))
(define-fun p14 () Bool (or (= v7 2) (= v7 3) (= v7 5)))
(define-fun p15 () Bool (or (not v8) p14))
(declare-const v10 Bool) ; fact.m|is day
(define-fun p16 () Bool (or (not v10) (= v7 3)))
(declare-const v11 Bool) ; fact.m|is moment
(define-fun p17 () Bool (or (not v11) (= v7 3)))
(declare-const v12 Int) ; fact.m|length
(declare-const v13 Int) ; fact.m|text
(define-fun p18 () Bool (and (= v7 3) (= v13 2)))
(define-fun p19 () Bool (or (not p18) (not v8)))
(define-fun p20 () Bool (or (not p18) (not v10)))
(define-fun p21 () Bool (or (not p18) (not v11)))
(define-fun p22 () Bool (and (= v7 3) (= v13 3)))
(define-fun p23 () Bool (or (not p22) (not v8)))
(define-fun p24 () Bool (or (not p22) (not v10)))
(define-fun p25 () Bool (or (not p22) (not v11)))
(declare-const v14 Int) ; arg.x|sort
(define-fun p26 () Bool (or (= v14 0) (= v14 1) (= v14 2) (= v14 3) (= v14 4) (= v14 5)))
(declare-const v15 Bool) ; arg.x|is amount
(declare-const v16 Int) ; arg.x|currency
(define-fun p27 () Bool (and v15 (= v16 0)))
(define-fun p28 () Bool (or (not (= v14 2)) p27))
(define-fun p29 () Bool (or (= v14 2) (= v14 3) (= v14 5)))
(define-fun p30 () Bool (or (not v15) p29))
(declare-const v17 Bool) ; arg.x|is day
(define-fun p31 () Bool (or (not v17) (= v14 3)))
(declare-const v18 Bool) ; arg.x|is moment
(define-fun p32 () Bool (or (not v18) (= v14 3)))
(declare-const v19 Int) ; arg.x|length
(define-fun p33 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p8 p9 p10 p11 p13 p15 p16 p17 (>= v12 0) p19 p20 p21 p23 p24 p25 p26 p28 p30 p31 p32 (>= v19 0)))
(declare-const v20 Bool) ; fact.s|present
(declare-const v21 Bool) ; fact.m|present
(declare-const v22 Bool) ; arg.x|present
(declare-const v23 Real) ; fact.s|amount
(define-fun p34 () Bool (and (= v0 2) (= v23 3.0)))
(declare-const v24 Bool) ; fact.s|truth
(define-fun p35 () Bool (and (= v0 1) v24))
(define-fun p36 () Bool (or p7 p34 p35))
(define-fun p37 () Bool (and v20 v21 v22 p36))
(declare-const v25 Real) ; fact.m|amount
(define-fun p38 () Bool (and (= v7 2) (= v25 5.0)))
(define-fun p39 () Bool (or p18 p38))
(define-fun p40 () Bool (and p22 (not p39)))
(define-fun p41 () Bool (and p37 p40))
(define-fun p42 () Bool (and p37 p39))
(define-fun p43 () Bool (or p41 p42))
(define-fun p44 () Bool (and p37 p39 (not p39)))
(define-fun p45 () Bool (and p37 p22))
(define-fun p46 () Bool (and p33 p41 p42 (not p43) p42 p44 p45 p42))
(assert p46)

; --- templates
; allowed
; asked
; refused
; question Question(who=('r',), how_many=1, within_s=14400, needs_human=False)
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
; entry t.allow[0]
; entry t.ask[0]
(declare-const v0 Bool) ; arg.x|fills b88c6db0fca56478add55400e5d4c483d51c1fb699ead67944e44fd17a720448
(declare-const v1 Bool) ; arg.x|fills 2f207f4e891da83f24109e16aaacbeccf9c687e42c36e22e127f65061f7864c4
(define-fun p0 () Bool (or (not v0) v1))
(declare-const v2 Int) ; arg.z|sort
(define-fun p1 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(declare-const v3 Bool) ; arg.z|is amount
(declare-const v4 Int) ; arg.z|currency
(define-fun p2 () Bool (and v3 (= v4 0)))
(define-fun p3 () Bool (or (not (= v2 2)) p2))
(define-fun p4 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p5 () Bool (or (not v3) p4))
(declare-const v5 Bool) ; arg.z|is day
(define-fun p6 () Bool (or (not v5) (= v2 3)))
(declare-const v6 Bool) ; arg.z|is moment
(define-fun p7 () Bool (or (not v6) (= v2 3)))
(declare-const v7 Int) ; arg.z|length
(declare-const v8 Bool) ; arg.z|passes max_length["int 9"][]
(define-fun p8 () Bool (or (not v8) (= v2 3)))
(declare-const v9 Int) ; arg.x|sort
(define-fun p9 () Bool (or (= v9 0) (= v9 1) (= v9 2) (= v9 3) (= v9 4) (= v9 5)))
(declare-const v10 Bool) ; arg.x|is amount
(declare-const v11 Int) ; arg.x|currency
(define-fun p10 () Bool (and v10 (= v11 0)))
(define-fun p11 () Bool (or (not (= v9 2)) p10))
(define-fun p12 () Bool (or (= v9 2) (= v9 3) (= v9 5)))
(define-fun p13 () Bool (or (not v10) p12))
(declare-const v12 Bool) ; arg.x|is day
(define-fun p14 () Bool (or (not v12) (= v9 3)))
(declare-const v13 Bool) ; arg.x|is moment
(define-fun p15 () Bool (or (not v13) (= v9 3)))
(declare-const v14 Int) ; arg.x|length
(declare-const v15 Bool) ; arg.x|passes max_length["int 90"][]
(define-fun p16 () Bool (or (not v15) (= v9 3)))
(declare-const v16 Int) ; arg.u|sort
(define-fun p17 () Bool (or (= v16 0) (= v16 1) (= v16 2) (= v16 3) (= v16 4) (= v16 5)))
(declare-const v17 Bool) ; arg.u|is amount
(declare-const v18 Int) ; arg.u|currency
(define-fun p18 () Bool (and v17 (= v18 0)))
(define-fun p19 () Bool (or (not (= v16 2)) p18))
(define-fun p20 () Bool (or (= v16 2) (= v16 3) (= v16 5)))
(define-fun p21 () Bool (or (not v17) p20))
(declare-const v19 Bool) ; arg.u|is day
(define-fun p22 () Bool (or (not v19) (= v16 3)))
(declare-const v20 Bool) ; arg.u|is moment
(define-fun p23 () Bool (or (not v20) (= v16 3)))
(declare-const v21 Int) ; arg.u|length
(declare-const v22 Int) ; arg.v|sort
(define-fun p24 () Bool (or (= v22 0) (= v22 1) (= v22 2) (= v22 3) (= v22 4) (= v22 5)))
(declare-const v23 Bool) ; arg.v|is amount
(declare-const v24 Int) ; arg.v|currency
(define-fun p25 () Bool (and v23 (= v24 0)))
(define-fun p26 () Bool (or (not (= v22 2)) p25))
(define-fun p27 () Bool (or (= v22 2) (= v22 3) (= v22 5)))
(define-fun p28 () Bool (or (not v23) p27))
(declare-const v25 Bool) ; arg.v|is day
(define-fun p29 () Bool (or (not v25) (= v22 3)))
(declare-const v26 Bool) ; arg.v|is moment
(define-fun p30 () Bool (or (not v26) (= v22 3)))
(declare-const v27 Int) ; arg.v|length
(declare-const v28 Int) ; arg.w|sort
(define-fun p31 () Bool (or (= v28 0) (= v28 1) (= v28 2) (= v28 3) (= v28 4) (= v28 5)))
(declare-const v29 Bool) ; arg.w|is amount
(declare-const v30 Int) ; arg.w|currency
(define-fun p32 () Bool (and v29 (= v30 0)))
(define-fun p33 () Bool (or (not (= v28 2)) p32))
(define-fun p34 () Bool (or (= v28 2) (= v28 3) (= v28 5)))
(define-fun p35 () Bool (or (not v29) p34))
(declare-const v31 Bool) ; arg.w|is day
(define-fun p36 () Bool (or (not v31) (= v28 3)))
(declare-const v32 Bool) ; arg.w|is moment
(define-fun p37 () Bool (or (not v32) (= v28 3)))
(declare-const v33 Int) ; arg.w|length
(define-fun p38 () Bool (and p0 p1 p3 p5 p6 p7 (>= v7 0) p8 p9 p11 p13 p14 p15 (>= v14 0) p16 p17 p19 p21 p22 p23 (>= v21 0) p24 p26 p28 p29 p30 (>= v27 0) p31 p33 p35 p36 p37 (>= v33 0)))
(declare-const v34 Bool) ; arg.z|present
(define-fun p39 () Bool (and v34 v8))
(declare-const v35 Bool) ; arg.x|present
(define-fun p40 () Bool (and v35 v15))
(define-fun p41 () Bool (or p40 (not v35)))
(define-fun p42 () Bool (and v35 (= v9 3)))
(declare-const v36 Bool) ; arg.x|fills dd8fd4800382d103c8894f1dd7eb47deb2ee14058c9af2c1837fcde4cb0e1ee4
(define-fun p43 () Bool (or v0 v1 v36))
(define-fun p44 () Bool (and p42 p43))
(define-fun p45 () Bool (or p44 (not v35)))
(declare-const v37 Bool) ; arg.u|present
(define-fun p46 () Bool (and v37 (= v16 3)))
(declare-const v38 Bool) ; arg.u|fills dd8fd4800382d103c8894f1dd7eb47deb2ee14058c9af2c1837fcde4cb0e1ee4
(define-fun p47 () Bool (and p46 v38))
(define-fun p48 () Bool (and p39 p41 p45 p47))
(declare-const v39 Bool) ; arg.w|present
(declare-const v40 Bool) ; arg.v|present
(declare-const v41 Real) ; arg.v|amount
(define-fun p49 () Bool (and (= v22 2) (= v41 1.0)))
(define-fun p50 () Bool (and v40 p49))
(define-fun p51 () Bool (and (not v39) p50))
(declare-const v42 Real) ; arg.w|amount
(define-fun p52 () Bool (and (= v28 2) (= v42 1.0)))
(define-fun p53 () Bool (and v39 p52))
(define-fun p54 () Bool (and (not v40) p53))
(define-fun p55 () Bool (and p51 (not p54)))
(define-fun p56 () Bool (and p48 p55))
(define-fun p57 () Bool (and p48 p54))
(define-fun p58 () Bool (or p56 p57))
(define-fun p59 () Bool (and p48 p54 (not p54)))
(define-fun p60 () Bool (and p48 p51))
(define-fun p61 () Bool (and p38 p56 p57 (not p58) p57 p59 p60 p57))
(assert p61)

; --- a path and not both
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|passes domain[][]
(declare-const v1 Bool) ; arg.x|may domain[][]
(define-fun p0 () Bool (or (not v0) v1))
(declare-const v2 Int) ; arg.x|sort
(define-fun p1 () Bool (or (= v2 0) (= v2 1) (= v2 2) (= v2 3) (= v2 4) (= v2 5)))
(declare-const v3 Bool) ; arg.x|is amount
(declare-const v4 Int) ; arg.x|currency
(define-fun p2 () Bool (and v3 (= v4 0)))
(define-fun p3 () Bool (or (not (= v2 2)) p2))
(define-fun p4 () Bool (or (= v2 2) (= v2 3) (= v2 5)))
(define-fun p5 () Bool (or (not v3) p4))
(declare-const v5 Bool) ; arg.x|is day
(define-fun p6 () Bool (or (not v5) (= v2 3)))
(declare-const v6 Bool) ; arg.x|is moment
(define-fun p7 () Bool (or (not v6) (= v2 3)))
(declare-const v7 Int) ; arg.x|length
(declare-const v8 Bool) ; arg.x|passes path_under[][]
(define-fun p8 () Bool (or (not v8) (= v2 3)))
(declare-const v9 Bool) ; arg.x|passes path_under["Folder Folder(absolute=False, parts=('srv',))"][]
(define-fun p9 () Bool (or (not v9) (= v2 3)))
(define-fun p10 () Bool (or (not v9) v8))
(define-fun p11 () Bool (or (not v0) (= v2 3)))
(define-fun p12 () Bool (and p0 p1 p3 p5 p6 p7 (>= v7 0) p8 p9 p10 p11 p10))
(declare-const v10 Bool) ; arg.x|present
(define-fun p13 () Bool (and v8 v9))
(define-fun p14 () Bool (and v10 p13))
(define-fun p15 () Bool (and v10 v1))
(define-fun p16 () Bool (and p14 (not p15)))
(define-fun p17 () Bool (and p12 p16 false (not p16) false))
(assert p17)

; --- a domain and not both
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(declare-const v0 Bool) ; arg.x|passes path_under[][]
(declare-const v1 Bool) ; arg.x|passes path_under["Folder Folder(absolute=False, parts=('srv',))"][]
(define-fun p0 () Bool (and v0 v1))
(declare-const v2 Bool) ; arg.x|may path_under["Folder Folder(absolute=False, parts=('srv',))"][]
(define-fun p1 () Bool (or (not p0) v2))
(declare-const v3 Int) ; arg.x|sort
(define-fun p2 () Bool (or (= v3 0) (= v3 1) (= v3 2) (= v3 3) (= v3 4) (= v3 5)))
(declare-const v4 Bool) ; arg.x|is amount
(declare-const v5 Int) ; arg.x|currency
(define-fun p3 () Bool (and v4 (= v5 0)))
(define-fun p4 () Bool (or (not (= v3 2)) p3))
(define-fun p5 () Bool (or (= v3 2) (= v3 3) (= v3 5)))
(define-fun p6 () Bool (or (not v4) p5))
(declare-const v6 Bool) ; arg.x|is day
(define-fun p7 () Bool (or (not v6) (= v3 3)))
(declare-const v7 Bool) ; arg.x|is moment
(define-fun p8 () Bool (or (not v7) (= v3 3)))
(declare-const v8 Int) ; arg.x|length
(declare-const v9 Bool) ; arg.x|passes domain[][]
(define-fun p9 () Bool (or (not v9) (= v3 3)))
(define-fun p10 () Bool (or (not v0) (= v3 3)))
(define-fun p11 () Bool (or (not v1) (= v3 3)))
(define-fun p12 () Bool (or (not v1) v0))
(define-fun p13 () Bool (and p1 p2 p4 p6 p7 p8 (>= v8 0) p9 p10 p11 p12 p12))
(declare-const v10 Bool) ; arg.x|present
(define-fun p14 () Bool (and v10 v9))
(define-fun p15 () Bool (and v10 v2))
(define-fun p16 () Bool (and p14 (not p15)))
(define-fun p17 () Bool (and p13 p16 false (not p16) false))
(assert p17)

; --- update: asked
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(define-fun p0 () Bool (and true false true false true))
(assert p0)

; --- touching: asked
; allowed
; asked
; refused
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
(define-fun p0 () Bool (and true false true false true))
(assert p0)

; --- update: what has its reason and end is not asked
; allowed
; asked
; refused
; question Question(who=('a', 'b'), how_many=2, within_s=90, needs_human=False)
; question Question(who=('a',), how_many=1, within_s=14400, needs_human=True)
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
; entry t.allow[0]
; entry t.allow[1]
; entry t.ask[0]
; entry t.ask[1]
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(define-fun p7 () Bool (and p0 p2 p4 p5 p6 (>= v5 0)))
(declare-const v6 Bool) ; arg.x|present
(declare-const v7 Real) ; arg.x|amount
(define-fun p8 () Bool (and (= v0 2) (= v7 1.0)))
(define-fun p9 () Bool (and v6 p8))
(declare-const v8 Int) ; day
(define-fun p10 () Bool (and p9 (<= v8 739974)))
(define-fun p11 () Bool (and (= v0 2) (= v7 2.0)))
(define-fun p12 () Bool (and v6 p11))
(define-fun p13 () Bool (or p10 p12))
(define-fun p14 () Bool (and (= v0 2) (= v7 3.0)))
(define-fun p15 () Bool (and v6 p14))
(define-fun p16 () Bool (and (= v0 2) (= v7 4.0)))
(define-fun p17 () Bool (and v6 p16))
(define-fun p18 () Bool (or p15 p17))
(define-fun p19 () Bool (and p13 (not p18) (not p12)))
(define-fun p20 () Bool (and p13 p12))
(define-fun p21 () Bool (or p18 p20))
(define-fun p22 () Bool (or p19 p21))
(define-fun p23 () Bool (and p21 (not p18)))
(define-fun p24 () Bool (and p7 p19 p21 (not p22) p15 p17 p23 p10 p12 p15 p17))
(assert p24)

; --- read: no reason is needed
; allowed
; asked
; refused
; question Question(who=('a',), how_many=1, within_s=14400, needs_human=False)
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
; entry t.allow[0]
; entry t.allow[1]
; entry t.ask[0]
(declare-const v0 Int) ; arg.x|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.x|is amount
(declare-const v2 Int) ; arg.x|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.x|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.x|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.x|length
(define-fun p7 () Bool (and p0 p2 p4 p5 p6 (>= v5 0)))
(declare-const v6 Bool) ; arg.x|present
(declare-const v7 Real) ; arg.x|amount
(define-fun p8 () Bool (and (= v0 2) (= v7 1.0)))
(define-fun p9 () Bool (and v6 p8))
(declare-const v8 Int) ; day
(define-fun p10 () Bool (and p9 (<= v8 739974)))
(define-fun p11 () Bool (and (= v0 2) (= v7 2.0)))
(define-fun p12 () Bool (and v6 p11))
(define-fun p13 () Bool (or p10 p12))
(define-fun p14 () Bool (and (= v0 2) (= v7 3.0)))
(define-fun p15 () Bool (and v6 p14))
(define-fun p16 () Bool (and p13 (not p15)))
(define-fun p17 () Bool (or p16 p15))
(define-fun p18 () Bool (and p15 (not p15)))
(define-fun p19 () Bool (and p7 p16 p15 (not p17) p15 p18 p10 p12 p15))
(assert p19)

; --- units, and what nobody can take back
; allowed
; asked
; refused
; question Question(who=('lead',), how_many=1, within_s=14400, needs_human=False)
; question Question(who=('owner', 'reviewer'), how_many=1, within_s=14400, needs_human=False)
; entry pay.allow[0]
; entry pay.ask[0]
(declare-const v0 Int) ; arg.amount|sort
(define-fun p0 () Bool (or (= v0 0) (= v0 1) (= v0 2) (= v0 3) (= v0 4) (= v0 5)))
(declare-const v1 Bool) ; arg.amount|is amount
(declare-const v2 Int) ; arg.amount|currency
(define-fun p1 () Bool (and v1 (= v2 0)))
(define-fun p2 () Bool (or (not (= v0 2)) p1))
(define-fun p3 () Bool (or (= v0 2) (= v0 3) (= v0 5)))
(define-fun p4 () Bool (or (not v1) p3))
(declare-const v3 Bool) ; arg.amount|is day
(define-fun p5 () Bool (or (not v3) (= v0 3)))
(declare-const v4 Bool) ; arg.amount|is moment
(define-fun p6 () Bool (or (not v4) (= v0 3)))
(declare-const v5 Int) ; arg.amount|length
(declare-const v6 Int) ; arg.to|sort
(define-fun p7 () Bool (or (= v6 0) (= v6 1) (= v6 2) (= v6 3) (= v6 4) (= v6 5)))
(declare-const v7 Bool) ; arg.to|is amount
(declare-const v8 Int) ; arg.to|currency
(define-fun p8 () Bool (and v7 (= v8 0)))
(define-fun p9 () Bool (or (not (= v6 2)) p8))
(define-fun p10 () Bool (or (= v6 2) (= v6 3) (= v6 5)))
(define-fun p11 () Bool (or (not v7) p10))
(declare-const v9 Bool) ; arg.to|is day
(define-fun p12 () Bool (or (not v9) (= v6 3)))
(declare-const v10 Bool) ; arg.to|is moment
(define-fun p13 () Bool (or (not v10) (= v6 3)))
(declare-const v11 Int) ; arg.to|length
(declare-const v12 Bool) ; arg.to|passes email[][]
(define-fun p14 () Bool (or (not v12) (= v6 3)))
(declare-const v13 Bool) ; arg.to|passes email["Mailbox Mailbox(local='', domain=Domain(name='example.com', under=False))"][]
(define-fun p15 () Bool (or (not v13) (= v6 3)))
(define-fun p16 () Bool (or (not v13) v12))
(define-fun p17 () Bool (and p0 p2 p4 p5 p6 (>= v5 0) p7 p9 p11 p12 p13 (>= v11 0) p14 p15 p16 p16))
(declare-const v14 Bool) ; arg.amount|present
(define-fun p18 () Bool (and (= v0 5) v1 (= v2 1)))
(define-fun p19 () Bool (or (not v14) p18))
(declare-const v15 Bool) ; arg.to|present
(define-fun p20 () Bool (and v12 v13))
(define-fun p21 () Bool (and v15 p20))
(define-fun p22 () Bool (and p19 p21))
(define-fun p23 () Bool (or (= v2 0) (= v2 1)))
(define-fun p24 () Bool (and v1 p23))
(declare-const v16 Real) ; arg.amount|amount
(define-fun p25 () Bool (and p24 (>= v16 0.0)))
(define-fun p26 () Bool (and p24 (<= v16 50.0)))
(define-fun p27 () Bool (and p25 p26))
(define-fun p28 () Bool (and v14 p27))
(declare-const v17 Int) ; day
(define-fun p29 () Bool (and p28 (<= v17 740012)))
(define-fun p30 () Bool (and p24 (> v16 50.0)))
(define-fun p31 () Bool (and p24 (<= v16 500.0)))
(define-fun p32 () Bool (and p30 p31))
(define-fun p33 () Bool (and v14 p32))
(define-fun p34 () Bool (and p29 (not p33)))
(define-fun p35 () Bool (and p22 p34))
(define-fun p36 () Bool (and p22 p33))
(define-fun p37 () Bool (or p35 p36))
(define-fun p38 () Bool (and p22 p33 (not p33)))
(define-fun p39 () Bool (and p22 p29))
(define-fun p40 () Bool (and p17 p35 p36 (not p37) p36 p38 p39 p36))
(assert p40)
